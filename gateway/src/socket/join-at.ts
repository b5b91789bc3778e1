import type { Seq } from '@satchel/protocol'
import type { UserConversation } from '@satchel/chat-core'
import type { Audiences } from './audiences.ts'
import type { Seat } from './seat.ts'
import type { Session } from './session.ts'

/** Seats a session whose client says that it stands at `claimed`, or says nothing and so starts at the head. */
export function joinAt(
  audiences: Audiences,
  session: Session,
  conversation: UserConversation,
  claimed: Seq | undefined,
): Seat {
  const { conversationId, head } = conversation
  const at = claimed ?? head.seq
  const seat = audiences.join(session, conversation, Math.min(at, head.seq))
  // A client that has more than there is was with another history.
  if (at > head.seq) {
    const { seq, ordinal, timeMs } = head
    session.connection.send({
      type: 'gap_too_large',
      conversationId,
      head: { seq, ordinal, timeMs },
    })
  }
  return seat
}
