import type { InboxEntry } from '@satchel/protocol'
import { describeAttachments } from './describe-attachment.ts'
import { describeNotice } from './describe-notice.ts'
import type { NoticeContext } from './describe-notice.ts'

/** What stands under a conversation's title: the last message in one line. */
export function describeEntry(entry: InboxEntry, context: NoticeContext): string {
  const { lastMessage, conversationKind } = entry
  if (lastMessage === undefined) {
    return conversationKind === 'direct' ? 'Say hello' : 'No messages yet'
  }
  const { content, authorId } = lastMessage
  if (content.kind !== 'message_sent') return describeNotice(lastMessage, context) ?? ''
  const isMine = authorId === context.myId
  const author = isMine
    ? 'You: '
    : conversationKind === 'direct'
      ? ''
      : `${context.nameOf(authorId)}: `
  if (content.body.deleted === true) return `${author}Deleted message`
  const words = (content.body.text ?? '').replace(/\s+/g, ' ').trim()
  return author + (words === '' ? describeAttachments(content.attachments ?? []) : words)
}
