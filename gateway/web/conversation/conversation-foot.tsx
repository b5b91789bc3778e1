import type { Message } from '@satchel/client'
import type { ComposerContext } from '../composer/composer-context-bar.tsx'
import { Composer } from '../composer/composer.tsx'
import { useSession } from '../session/session-context.ts'
import { useConversation } from './conversation-context.ts'
import { TypingLine } from './typing-line.tsx'

interface ConversationFootProps {
  readonly title: string
  /** What is loaded of it tells whether the user is still in it. */
  readonly isKnown: boolean
  readonly context: ComposerContext | undefined
  readonly setContext: (context: ComposerContext | undefined) => void
  readonly onAttach: (files: readonly File[]) => void
  readonly onSent: () => void
}

/** Who is typing, and where the user types. */
export function ConversationFoot(props: ConversationFootProps) {
  const { title, isKnown, setContext } = props
  const { conversation } = useConversation()
  const { drafts } = useSession()
  const isOver = isKnown && conversation.id !== undefined && conversation.entry === undefined
  if (isOver) return <p class="notice over">You are not in this conversation any more.</p>
  return (
    <>
      <TypingLine />
      <Composer
        tray={drafts.trayOf(conversation)}
        context={props.context}
        placeholder={`Message ${title}`}
        onContextEnd={() => setContext(undefined)}
        onEditLast={() => {
          const message = conversation.messages.findLast(isEditable)
          if (message !== undefined) setContext({ kind: 'edit', message })
        }}
        onAttach={props.onAttach}
        onSent={props.onSent}
      />
    </>
  )
}

function isEditable({ mine, deleted, seq }: Message): boolean {
  return mine && !deleted && seq !== undefined
}
