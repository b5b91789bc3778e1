import type { ConversationEvent, Seq } from '@satchel/protocol'
import type { ActiveMembers } from './activities.ts'
import type { MemberMarks } from './mark-sender.ts'
import type { Message } from './message.ts'

/** What a conversation tells its listeners. */
export interface ConversationEvents {
  /** What happened: in order, without holes, each once. Starts with the first after this client knew the conversation. */
  event: ConversationEvent
  /** `messages`, `notices` or `entry` read differently now; told once for changes that come together. */
  change: undefined
  /** Too much was missed to be sent again: what was loaded is dropped, `event` goes on after this seq. */
  reset: { readonly seq: Seq }
  /** Who is typing, recording or uploading now. */
  activity: ActiveMembers
  /** A member has read or received more. */
  marks: MemberMarks
}

/** Which page of history: before, after, or around a seq; the newest page when none is given. */
export interface HistoryRequest {
  readonly before?: Seq | undefined
  readonly after?: number | undefined
  readonly around?: Seq | undefined
  /** At most 100; 50 unless told. */
  readonly limit?: number | undefined
}

export interface HistoryPage {
  /** The page's messages by seq; they are part of `messages` from now on. */
  readonly messages: readonly Message[]
  /** The page as it came, with everything that is no message. */
  readonly events: readonly ConversationEvent[]
  /** There is more in the direction asked. */
  readonly more: boolean
}
