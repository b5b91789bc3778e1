import type { Message } from '@satchel/client'
import { Icon } from '../ui/icon.tsx'
import { clockTime, completeTime } from '../words/describe-time.ts'

interface MessageMetaProps {
  readonly message: Message
  readonly isOwn: boolean
  /** Somebody else has read it. */
  readonly isRead: boolean
}

export function MessageMeta({ message, isOwn, isRead }: MessageMetaProps) {
  const { timeMs, edited, local } = message
  return (
    <span class="meta">
      {edited && <span>edited</span>}
      <time dateTime={new Date(timeMs).toISOString()} title={completeTime(timeMs)}>
        {clockTime(timeMs)}
      </time>
      {isOwn && local?.state !== 'failed' && (
        <Delivery isSent={local === undefined} isRead={isRead} />
      )}
    </span>
  )
}

function Delivery({ isSent, isRead }: { readonly isSent: boolean; readonly isRead: boolean }) {
  const label = isRead ? 'Read' : isSent ? 'Sent' : 'Sending'
  return (
    <span class={isRead ? 'read' : ''} role="img" aria-label={label} title={label}>
      <Icon name={isRead ? 'checks' : isSent ? 'check' : 'clock'} size={15} />
    </span>
  )
}
