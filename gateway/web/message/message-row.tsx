import type { Message } from '@satchel/client'
import { useSession } from '../session/session-context.ts'
import { Avatar } from '../ui/avatar.tsx'
import { toneOf } from '../ui/tone-of.ts'
import { FailedLine } from './failed-line.tsx'
import { MessageBubble } from './message-bubble.tsx'
import { MessageToolbar } from './message-toolbar.tsx'
import { ReactionChips } from './reaction-chips.tsx'

export interface MessageRowProps {
  readonly message: Message
  /** What it answers: the message if it is loaded. */
  readonly quoted: Message | undefined
  readonly first: boolean
  readonly last: boolean
  /** Several people write here: say who it is. */
  readonly showAuthor: boolean
  readonly isRead: boolean
  readonly isHighlighted: boolean
  /** A name has come: what is kept from the last time shows it. */
  readonly nameVersion: number
}

export function MessageRow(props: MessageRowProps) {
  const { message, first, last, showAuthor, isRead, isHighlighted, quoted } = props
  const { names } = useSession()
  const isOwn = message.mine
  const author = names.nameOf(message.authorId)
  const hasAvatar = showAuthor && !isOwn
  const isSettled = message.seq !== undefined && !message.deleted
  const classes = [
    'message',
    isOwn ? 'own' : hasAvatar ? 'with-avatar' : '',
    first ? 'first' : '',
    last ? 'last' : '',
    isHighlighted ? 'highlighted' : '',
  ]
  return (
    <div
      class={classes.join(' ')}
      role="listitem"
      tabIndex={-1}
      data-key={message.key}
      data-seq={message.seq}
    >
      <span class="visually-hidden">{isOwn ? 'You' : author}: </span>
      {hasAvatar && first && (
        <div class={`author ${toneOf(message.authorId)}`} aria-hidden="true">
          {author}
        </div>
      )}
      {hasAvatar && last && <Avatar id={message.authorId} name={author} size="small" />}
      <div class="stack">
        <div class="bubble-row">
          <MessageBubble message={message} quoted={quoted} isOwn={isOwn} isRead={isRead} />
          {isSettled && <MessageToolbar message={message} isOwn={isOwn} />}
        </div>
        {isSettled && <ReactionChips message={message} />}
        {message.local?.state === 'failed' && (
          <FailedLine message={message} code={message.local.code} />
        )}
      </div>
    </div>
  )
}
