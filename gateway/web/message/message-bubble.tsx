import type { Message, MessageAttachment } from '@satchel/client'
import { AttachmentList } from '../attachment/attachment-list.tsx'
import { shownAs } from '../attachment/shown-as.ts'
import { MessageMeta } from './message-meta.tsx'
import { MessageText } from './message-text.tsx'
import { ReplyQuote } from './reply-quote.tsx'

interface MessageBubbleProps {
  readonly message: Message
  readonly quoted: Message | undefined
  readonly isOwn: boolean
  readonly isRead: boolean
}

export function MessageBubble({ message, quoted, isOwn, isRead }: MessageBubbleProps) {
  if (message.deleted) {
    return (
      <div class="bubble tombstone">
        <span class="text">{isOwn ? 'You deleted this message' : 'This message was deleted'}</span>
        <MessageMeta message={message} isOwn={false} isRead={false} />
      </div>
    )
  }
  const hasMedia = message.attachments.length > 0
  const isBare = hasMedia && message.text === '' && message.attachments.every(isShownPicture)
  return (
    <div class={`bubble ${hasMedia ? 'media' : ''} ${isBare ? 'bare' : ''}`}>
      {message.replyTo !== undefined && <ReplyQuote seq={message.replyTo} message={quoted} />}
      {hasMedia && <AttachmentList attachments={message.attachments} isOwn={isOwn} />}
      <div class="words">
        {message.text !== '' && <MessageText message={message} />}
        <MessageMeta message={message} isOwn={isOwn} isRead={isRead} />
      </div>
    </div>
  )
}

/** Over a video the time would stand on its controls. */
function isShownPicture(attachment: MessageAttachment): boolean {
  const { caption, state } = attachment
  if (caption !== undefined || state !== 'ready') return false
  const shown = shownAs(attachment, false)
  return shown === 'picture' || shown === 'animation'
}
