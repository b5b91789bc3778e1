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
  const { message, first, last, showAuthor } = props
  const { names } = useSession()
  const author = names.nameOf(message.authorId)
  const hasAvatar = showAuthor && !message.mine
  return (
    <div
      class={classesOf(props)}
      role="listitem"
      tabIndex={-1}
      data-key={message.key}
      data-seq={message.seq}
    >
      <span class="visually-hidden">{message.mine ? 'You' : author}: </span>
      {hasAvatar && first && (
        <div class={`author ${toneOf(message.authorId)}`} aria-hidden="true">
          {author}
        </div>
      )}
      {hasAvatar && last && <Avatar id={message.authorId} name={author} size="small" />}
      <Stack {...props} />
    </div>
  )
}

function Stack({ message, quoted, isRead }: MessageRowProps) {
  const isSettled = message.seq !== undefined && !message.deleted
  return (
    <div class="stack">
      <div class="bubble-row">
        <MessageBubble message={message} quoted={quoted} isOwn={message.mine} isRead={isRead} />
        {isSettled && <MessageToolbar message={message} isOwn={message.mine} />}
      </div>
      {isSettled && <ReactionChips message={message} />}
      {message.local?.state === 'failed' && (
        <FailedLine message={message} code={message.local.code} />
      )}
    </div>
  )
}

function classesOf({ message, showAuthor, first, last, isHighlighted }: MessageRowProps): string {
  const classes = ['message']
  if (message.mine) classes.push('own')
  else if (showAuthor) classes.push('with-avatar')
  if (first) classes.push('first')
  if (last) classes.push('last')
  if (isHighlighted) classes.push('highlighted')
  return classes.join(' ')
}
