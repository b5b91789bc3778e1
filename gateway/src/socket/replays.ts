import { ChatError } from '@satchel/protocol'
import { catchUp, type CaughtUp, type HistoryDeps } from '@satchel/chat-core'
import { backOffMs } from '../back-off.ts'
import type { GatewayTelemetry } from '../gateway-telemetry.ts'
import { linked, type EventFormat } from './event-frames.ts'
import type { OutOfReach } from './out-of-reach.ts'
import type { Seat } from './seat.ts'
import type { Slots } from './slots.ts'

export interface ReplaysDeps extends EventFormat {
  readonly queries: HistoryDeps
  readonly outOfReach: OutOfReach
  /** Reads at once in the whole process: a storm of reconnects queues here. */
  readonly reads: Slots
  readonly telemetry: Pick<GatewayTelemetry, 'replayed' | 'replayFailed'>
  /** The reader turned out to be none: the seat is to be given up, and its client told. */
  readonly dismiss: (seat: Seat) => void
}

/**
 * - `done`: the seat is live. `behind`: not for now; it goes on by itself.
 * - `left`: the session or the seat is gone, or a newer replay has taken over.
 */
export type ReplayOutcome = 'done' | 'behind' | 'left'

export interface ReplayOptions {
  readonly announced: boolean
}

type EventsCaughtUp = Extract<CaughtUp, { readonly kind: 'events' }>

interface AttemptOptions extends ReplayOptions {
  /** It goes on by itself: the client has been told that it is behind. */
  readonly isRetry: boolean
}

/** After so much the socket's room is asked for again; what was read beyond it is read again. */
const STRIDE_BYTES = 128 * 1024
const RETRY = { baseMs: 500, capMs: 8_000 }

/** Sends sessions what they missed, conversation by conversation, no faster than they take it. */
export class Replays {
  readonly #deps: ReplaysDeps

  constructor(deps: ReplaysDeps) {
    this.#deps = deps
  }

  /** A live event would leave a hole, or the head is beyond what was sent: sends what is between. */
  pull(seat: Seat): void {
    if (seat.isReplaying || !seat.session.isWelcome) return
    void this.replay(seat, { announced: false })
  }

  /**
   * Sends everything after `seat.lastSeq`, then makes the seat live. `announced`: the client waits for
   * `replayed`. Rejects when the user may not read the conversation.
   */
  async replay(seat: Seat, options: ReplayOptions): Promise<ReplayOutcome> {
    const turn = this.#begin(seat)
    // Nobody could say a moment ago: one question for all who wait is enough.
    if (!this.#deps.outOfReach.has(seat.audience.conversationId))
      return this.#attempt(seat, turn, { ...options, isRetry: false })
    sayBehind(seat)
    this.#awaitOwner(seat, turn, options)
    return 'behind'
  }

  #begin(seat: Seat): number {
    seat.state = 'replaying'
    seat.isReplaying = true
    seat.stopWaiting?.()
    return ++seat.replay
  }

  async #attempt(seat: Seat, turn: number, options: AttemptOptions): Promise<ReplayOutcome> {
    try {
      const outcome = await this.#run(seat, turn)
      if (outcome === 'done') done(seat, options)
      return outcome
    } catch (error) {
      return this.#failed(seat, turn, error, options)
    }
  }

  async #run(seat: Seat, turn: number): Promise<ReplayOutcome> {
    const { connection, userId } = seat.session
    for (;;) {
      await connection.outbound.room()
      const caughtUp = await this.#deps.reads.use(() =>
        catchUp(this.#deps.queries, userId, seat.audience.conversationId, seat.lastSeq),
      )
      if (seat.replay !== turn || connection.isClosed) return 'left'
      const before = seat.lastSeq
      const isAll = this.#send(seat, caughtUp)
      if (!isAll || seat.knownSeq > seat.lastSeq) {
        if (seat.lastSeq > before) continue
        throw new ChatError('unavailable', `seq ${String(seat.knownSeq)} cannot be read yet`)
      }
      seat.state = 'live'
      seat.isReplaying = false
      return 'done'
    }
  }

  /** False when the socket needs a pause before the rest. */
  #send(seat: Seat, caughtUp: CaughtUp): boolean {
    const { connection } = seat.session
    const { conversationId } = seat.audience
    switch (caughtUp.kind) {
      case 'gap_too_large': {
        const { head } = caughtUp
        connection.send({ type: 'gap_too_large', conversationId, head })
        seat.lastSeq = head.seq
        return true
      }
      case 'events': {
        const sent = this.#sendEvents(seat, caughtUp)
        this.#deps.telemetry.replayed(sent)
        if (sent < caughtUp.events.length) return false
        seat.lastSeq = caughtUp.seq
        return true
      }
      default:
        return caughtUp satisfies never
    }
  }

  #sendEvents(seat: Seat, { events, strictLinks }: EventsCaughtUp): number {
    const { outbound, form } = seat.session.connection
    const { conversationId } = seat.audience
    let bytes = 0
    let sent = 0
    for (const event of events) {
      if (bytes > STRIDE_BYTES) break
      const frame = this.#deps.codecs[form].encode({
        type: 'event',
        conversationId,
        event: linked(this.#deps, event, strictLinks),
      })
      outbound.push(frame)
      bytes += frame.length
      seat.lastSeq = event.seq
      sent++
    }
    return sent
  }

  #failed(seat: Seat, turn: number, error: unknown, options: AttemptOptions): ReplayOutcome {
    if (seat.replay !== turn || seat.session.connection.isClosed) return 'left'
    if (error instanceof ChatError && !error.retryable) {
      this.#deps.dismiss(seat)
      if (options.announced && !options.isRetry) throw error
      return 'left'
    }
    this.#deps.telemetry.replayFailed(seat.audience.conversationId, error)
    if (!options.isRetry) sayBehind(seat)
    this.#tryAgain(seat, turn, options)
    return 'behind'
  }

  /** When its owner answers; where that is not what was missing, later and later. */
  #tryAgain(seat: Seat, turn: number, options: ReplayOptions): void {
    const failures = seat.failures++
    if (failures === 0) this.#awaitOwner(seat, turn, options)
    else {
      setTimeout(
        () => this.#awaitOwner(seat, turn, options),
        backOffMs(RETRY, failures - 1),
      ).unref()
    }
  }

  #awaitOwner(seat: Seat, turn: number, options: ReplayOptions): void {
    const { session, audience } = seat
    if (seat.replay !== turn || session.connection.isClosed) return
    seat.stopWaiting = this.#deps.outOfReach.wait(session, audience.conversationId, () => {
      if (seat.replay === turn) void this.#attempt(seat, turn, { ...options, isRetry: true })
    })
  }
}

function done(seat: Seat, { announced }: ReplayOptions): void {
  const { conversationId } = seat.audience
  seat.failures = 0
  if (announced)
    seat.session.connection.send({ type: 'replayed', conversationId, seq: seat.lastSeq })
  seat.session.settle(conversationId)
}

function sayBehind({ session, audience }: Seat): void {
  session.connection.send({ type: 'behind', conversationId: audience.conversationId })
}
