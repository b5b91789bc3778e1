import type { ConversationEvent, Seq } from '@satchel/protocol'

/** The message of which an event says what became of it; `undefined` for events that say nothing so. */
export function changedMessageOf({ content }: ConversationEvent): Seq | undefined {
  switch (content.kind) {
    case 'message_edited':
    case 'attachment_updated':
      return content.target
    default:
      return undefined
  }
}

/** Only that the message was changed, and when and by whom. */
export function bareChange(event: ConversationEvent): ConversationEvent {
  const { content } = event
  if (content.kind !== 'message_edited' && content.kind !== 'attachment_updated') return event
  return { ...event, content: { kind: content.kind, target: content.target } }
}
