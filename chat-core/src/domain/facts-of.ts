import type { ConversationEvent } from '@satchel/protocol'
import type { EventFacts } from './decision.ts'

/** What never changes of an event. */
export function factsOf({ authorId, content }: ConversationEvent): EventFacts {
  const attachments = content.kind === 'message_sent' ? (content.attachments ?? []) : []
  return { authorId, kind: content.kind, attachmentIds: attachments.map(({ id }) => id) }
}
