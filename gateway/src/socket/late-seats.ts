import { ChatError, type ConversationId, type Seq, type UserId } from '@satchel/protocol'
import { requireReader, type Reader, type ReaderDeps } from '@satchel/chat-core'
import type { GatewayTelemetry } from '../gateway-telemetry.ts'
import type { Audiences } from './audiences.ts'
import { joinAt } from './join-at.ts'
import type { OutOfReach, Waiter } from './out-of-reach.ts'
import type { Replays } from './replays.ts'
import type { Seat } from './seat.ts'
import type { Session } from './session.ts'
import type { SessionTable } from './session-table.ts'
import type { Slots } from './slots.ts'
import { tellHead } from './tell-head.ts'

export interface LateSeatsDeps {
  readonly queries: ReaderDeps
  readonly sessions: SessionTable
  readonly audiences: Audiences
  readonly replays: Replays
  readonly outOfReach: OutOfReach
  /** Shared with the replays, which come after it. */
  readonly reads: Slots
  readonly telemetry: Pick<GatewayTelemetry, 'fault'>
}

const MEMBERS_PAGE = 1_000

/**
 * Seats for conversations that could not be read, or were not known of, when their session began. That the
 * client is told where they stand, or what it missed, is owed to it until it has happened.
 */
export class LateSeats implements Waiter {
  readonly #deps: LateSeatsDeps
  waits: Set<() => void> | undefined

  constructor(deps: LateSeatsDeps) {
    this.#deps = deps
  }

  /** Seats the session as soon as the conversation can be read; `claimed` is where its client stands there. */
  take(session: Session, conversationId: ConversationId, claimed: Seq | undefined): void {
    this.#take(session, conversationId, claimed).catch((error: unknown) => {
      this.#deps.telemetry.fault('late seat', error)
      session.connection.close('internal')
    })
  }

  /** The same, but not before its owner answers again: it did not a moment ago. */
  seatWhenInReach(
    session: Session,
    conversationId: ConversationId,
    claimed: Seq | undefined,
  ): void {
    this.#deps.outOfReach.wait(session, conversationId, () =>
      this.take(session, conversationId, claimed),
    )
  }

  /** The same for every member here that has no seat. */
  takeMembers(conversationId: ConversationId): void {
    this.#takeMembers(conversationId).catch((error: unknown) => {
      if (!(error instanceof ChatError && error.retryable))
        this.#deps.telemetry.fault('late seats', error)
      else this.#deps.outOfReach.wait(this, conversationId, () => this.takeMembers(conversationId))
    })
  }

  async #takeMembers(conversationId: ConversationId): Promise<void> {
    const { queries, sessions } = this.#deps
    for (let after: UserId | undefined; ;) {
      const rows = await queries.members.list(conversationId, { after, limit: MEMBERS_PAGE })
      for (const { userId } of rows) {
        for (const session of sessions.of(userId))
          if (!session.seats.has(conversationId)) this.take(session, conversationId, undefined)
      }
      after = rows.at(-1)?.userId
      if (rows.length < MEMBERS_PAGE) return
    }
  }

  async #take(
    session: Session,
    conversationId: ConversationId,
    claimed: Seq | undefined,
  ): Promise<void> {
    const { queries, audiences, replays, reads } = this.#deps
    const reader = await reads.use(() => find(queries, session, conversationId))
    if (session.connection.isClosed) return
    if (reader === 'unreachable') this.seatWhenInReach(session, conversationId, claimed)
    else if (reader === undefined || reader.overview.head.deleted) session.settle(conversationId)
    else {
      const conversation = { ...reader, head: reader.overview.head }
      const seat =
        this.#seatOf(session, conversationId, claimed) ??
        joinAt(audiences, session, conversation, claimed)
      if (claimed === undefined) tellHead(seat)
      if (seat.state !== 'replaying') session.settle(conversationId)
      else if (!seat.isReplaying) await replays.replay(seat, { announced: claimed !== undefined })
    }
  }

  /** A seat that events have brought since, unless its client stands somewhere else. */
  #seatOf(
    session: Session,
    conversationId: ConversationId,
    claimed: Seq | undefined,
  ): Seat | undefined {
    const seat = session.seats.get(conversationId)
    return claimed === undefined || seat?.isReplaying === true ? seat : undefined
  }
}

/** `undefined`: whoever it was is no reader any more. */
async function find(
  queries: ReaderDeps,
  session: Session,
  conversationId: ConversationId,
): Promise<Reader | 'unreachable' | undefined> {
  if (session.connection.isClosed) return undefined
  try {
    return await requireReader(queries, session.userId, conversationId)
  } catch (error) {
    if (!(error instanceof ChatError)) throw error
    return error.retryable ? 'unreachable' : undefined
  }
}
