import { ChatError, type ConversationEvent } from '@satchel/protocol'
import { catchUp, type CaughtUp, type HistoryDeps } from '@satchel/chat-core'
import type { GatewayTelemetry } from '../gateway-telemetry.ts'
import { linked, type EventFormat } from './event-frames.ts'
import type { Seat } from './seat.ts'
import { Slots } from './slots.ts'

export interface ReplaysDeps extends EventFormat {
  readonly queries: HistoryDeps
  readonly telemetry: Pick<GatewayTelemetry, 'replayed' | 'replayFailed'>
  /** The reader turned out to be none: the seat is to be given up. */
  readonly remove: (seat: Seat) => void
}

/**
 * - `done`: the seat is live. `behind`: not for now; it goes on by itself.
 * - `left`: the session or the seat is gone, or a newer replay has taken over.
 */
export type ReplayOutcome = 'done' | 'behind' | 'left'

/** Replays read at once in the whole process: a storm of reconnects queues here. */
const READS_AT_ONCE = 16
/** After so much the socket's room is asked for again; what was read beyond it is read again. */
const STRIDE_BYTES = 128 * 1024
const RETRY_MS = [250, 500, 1_000, 2_000, 5_000]

/** Sends sessions what they missed, conversation by conversation, no faster than they take it. */
export class Replays {
  readonly #deps: ReplaysDeps
  readonly #reads = new Slots(READS_AT_ONCE)

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
  async replay(seat: Seat, options: { readonly announced: boolean }): Promise<ReplayOutcome> {
    seat.state = 'replaying'
    seat.isReplaying = true
    const turn = ++seat.replay
    try {
      const outcome = await this.#run(seat, turn)
      if (outcome === 'done' && options.announced) {
        const { conversationId } = seat.audience
        seat.session.connection.send({ type: 'replayed', conversationId, seq: seat.lastSeq })
      }
      return outcome
    } catch (error) {
      return this.#failed(seat, turn, error, options)
    }
  }

  async #run(seat: Seat, turn: number): Promise<ReplayOutcome> {
    const { connection, userId } = seat.session
    for (;;) {
      await connection.outbound.room()
      const caughtUp = await this.#reads.use(() =>
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
        const sent = this.#sendEvents(seat, caughtUp.events)
        this.#deps.telemetry.replayed(sent)
        if (sent < caughtUp.events.length) return false
        seat.lastSeq = caughtUp.seq
        return true
      }
      default:
        return caughtUp satisfies never
    }
  }

  #sendEvents(seat: Seat, events: readonly ConversationEvent[]): number {
    const { outbound, form } = seat.session.connection
    const { conversationId } = seat.audience
    let bytes = 0
    let sent = 0
    for (const event of events) {
      if (bytes > STRIDE_BYTES) break
      const frame = this.#deps.codecs[form].encode({
        type: 'event',
        conversationId,
        event: linked(this.#deps, event),
      })
      outbound.push(frame)
      bytes += frame.length
      seat.lastSeq = event.seq
      sent++
    }
    return sent
  }

  #failed(
    seat: Seat,
    turn: number,
    error: unknown,
    options: { readonly announced: boolean },
  ): ReplayOutcome {
    if (seat.replay !== turn || seat.session.connection.isClosed) return 'left'
    if (error instanceof ChatError && !error.retryable) {
      this.#deps.remove(seat)
      if (options.announced) throw error
      return 'left'
    }
    const { conversationId } = seat.audience
    this.#deps.telemetry.replayFailed(conversationId, error)
    if (seat.failures === 0) seat.session.connection.send({ type: 'behind', conversationId })
    this.#retryLater(seat, turn, options)
    return 'behind'
  }

  #retryLater(seat: Seat, turn: number, options: { readonly announced: boolean }): void {
    const delayMs = RETRY_MS[Math.min(seat.failures, RETRY_MS.length - 1)]
    seat.failures++
    setTimeout(() => {
      if (seat.replay !== turn || seat.session.connection.isClosed) return
      this.replay(seat, options).then(
        (outcome) => {
          if (outcome === 'done') seat.failures = 0
        },
        // The reader is none any more, and its seat is gone.
        () => undefined,
      )
    }, delayMs).unref()
  }
}
