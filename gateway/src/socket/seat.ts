import type { ConversationId, Head, Seq, UserId } from '@satchel/protocol'
import type { SessionConnection } from './session-connection.ts'

/** What a seat knows of the session that has it. */
export interface SeatedSession {
  readonly userId: UserId
  readonly connection: SessionConnection
  readonly isWelcome: boolean
  readonly seats: Map<ConversationId, Seat>
  waits: Set<() => void> | undefined
  /** The client has all there is of the conversation, or no business there. */
  settle(conversationId: ConversationId): void
}

/** What a seat knows of the audience it belongs to. */
export interface SeatedAudience {
  readonly conversationId: ConversationId
  readonly head: Pick<Head, 'seq' | 'ordinal'>
  readonly isSubscribed: boolean
}

/**
 * - `live`: events go out as they come.
 * - `replaying`: what was missed is being sent; live events wait behind it.
 * - `stopped`: an event was dropped; nothing is sent until the client asks from where.
 */
export type SeatState = 'live' | 'replaying' | 'stopped'

/** One session's place in one conversation: how far its events have been sent. */
export class Seat {
  readonly session: SeatedSession
  readonly audience: SeatedAudience
  /** Every event up to here was sent, or is not for this session. */
  lastSeq: Seq
  /** The greatest seq heard of; beyond `lastSeq` only while not live. */
  knownSeq: Seq
  state: SeatState
  /** When its user came: what was said before may not be for them. Infinity where that is not known here. */
  joinedSeq: Seq = Infinity
  /** Counts replays: one that finds another number has been overtaken. */
  replay = 0
  /** One of them is at work. */
  isReplaying = false
  /** Replays that failed one after another. */
  failures = 0
  /** Gives up waiting for the conversation to be in reach again. */
  stopWaiting: (() => void) | undefined
  /** When its user was last said to be typing. */
  activityAtMs = -Infinity
  /** And not to have stopped since. */
  isActive = false
  /** Position in its audience's list. */
  index = -1

  constructor(session: SeatedSession, audience: SeatedAudience, lastSeq: Seq, state: SeatState) {
    this.session = session
    this.audience = audience
    this.lastSeq = lastSeq
    this.knownSeq = lastSeq
    this.state = state
  }

  hears(seq: Seq): void {
    if (seq > this.knownSeq) this.knownSeq = seq
  }
}
