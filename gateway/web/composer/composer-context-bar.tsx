import type { Message } from '@satchel/client'
import { useSession } from '../session/session-context.ts'
import { Icon } from '../ui/icon.tsx'
import { describeMessage } from '../words/describe-message.ts'

/** What is written now is an answer, or replaces something. */
export interface ComposerContext {
  readonly kind: 'reply' | 'edit'
  readonly message: Message
}

interface ComposerContextBarProps {
  readonly context: ComposerContext
  readonly onEnd: () => void
}

export function ComposerContextBar({ context, onEnd }: ComposerContextBarProps) {
  const { me, names } = useSession()
  const { kind, message } = context
  const author = message.authorId === me.id ? 'yourself' : names.nameOf(message.authorId)
  return (
    <div class="composer-context">
      <Icon name={kind} size={18} />
      <div>
        <b>{kind === 'edit' ? 'Edit message' : `Reply to ${author}`}</b>
        <span class="truncate">{describeMessage(message)}</span>
      </div>
      <button
        type="button"
        class="icon-button small"
        aria-label={kind === 'edit' ? 'Stop editing' : 'Do not reply'}
        onClick={onEnd}
      >
        <Icon name="close" size={18} />
      </button>
    </div>
  )
}
