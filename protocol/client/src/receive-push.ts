import type { ConversationId, PushFrame } from '@satchel/protocol'
import type { ConversationCopy } from './conversation-copy.ts'

/** What the server says about one conversation. */
export type ConversationPush = Extract<PushFrame, { readonly conversationId: ConversationId }>

export function receivePush(copy: ConversationCopy, frame: ConversationPush): void {
  switch (frame.type) {
    case 'event':
      copy.line.receive(frame.event)
      return
    case 'replayed':
      copy.line.replayed(frame.seq)
      return
    case 'gap_too_large':
      copy.dropCopy(frame.head)
      return
    case 'behind':
      copy.line.fallBehind()
      return
    case 'activity':
      copy.activities.note(frame.userId, frame.activity)
      return
    case 'mark':
      copy.marks.note(frame.userId, frame.kind, frame.mark)
      return
    case 'upload_progress':
      copy.timeline.applyProgress(frame.attachmentId, frame.sentBytes)
      return
    case 'reactions':
      copy.timeline.applyReactions(frame.target, frame.reactions)
      return
    case 'member_settings':
      copy.noteSettings(frame.settings)
      return
    default:
      ignore(frame)
  }
}

// A newer server's frames do not get through the codec.
function ignore(_: never): void {}
