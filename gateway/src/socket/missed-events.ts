import { LIMITS, conversationKindOf, type ConversationEvent } from '@satchel/protocol'
import type { Timeline } from '@satchel/chat-core/ports'
import { waitOut } from '../back-off.ts'
import type { GatewayTelemetry } from '../gateway-telemetry.ts'
import type { Audience } from './audience.ts'
import type { Slots } from './slots.ts'

export interface MissedEventsDeps {
  readonly timeline: Pick<Timeline, 'read'>
  /** Shared with the replays of single sessions. */
  readonly reads: Slots
  readonly telemetry: Pick<GatewayTelemetry, 'replayed' | 'replayFailed' | 'fault'>
}

/** What becomes of events that this gateway had not heard. */
export interface MissedEventsTaker {
  /** In order, the next one first; exactly what the bus would have brought. */
  take(audience: Audience, events: readonly ConversationEvent[]): void
  /** So much was missed, or so personal a thing, that every session has to catch up for itself. */
  leaveToSeats(audience: Audience): void
}

const RETRY = { baseMs: 250, capMs: 5_000 }

/**
 * Reads what the bus lost on the way to this gateway: once per conversation, whoever sits there. Who came and
 * who went is among it, so that a list of readers is as right afterwards as if nothing had been lost.
 */
export class MissedEvents {
  readonly #deps: MissedEventsDeps
  readonly #taker: MissedEventsTaker

  constructor(deps: MissedEventsDeps, taker: MissedEventsTaker) {
    this.#deps = deps
    this.#taker = taker
  }

  /** Goes on until the audience has seen everything up to the head it has heard of. */
  fetch(audience: Audience): void {
    if (audience.isFetching || !audience.isBehind) return
    audience.isFetching = true
    this.#fetchAll(audience).catch((error: unknown) => {
      audience.isFetching = false
      this.#deps.telemetry.fault('missed events', error)
    })
  }

  async #fetchAll(audience: Audience): Promise<void> {
    let fruitless = 0
    while (audience.isBehind) {
      if (fruitless > 0) await waitOut(RETRY, fruitless - 1)
      const before = audience.seq
      if (audience.head.seq - before > LIMITS.replayEvents) this.#taker.leaveToSeats(audience)
      else await this.#fetchSome(audience)
      fruitless = audience.seq > before ? 0 : fruitless + 1
    }
    audience.isFetching = false
  }

  async #fetchSome(audience: Audience): Promise<void> {
    const { conversationId, seq: after, head } = audience
    const range = { after, upTo: head.seq, limit: LIMITS.replayEvents }
    try {
      const read = await this.#deps.reads.use(() => this.#deps.timeline.read(conversationId, range))
      // Some may have come by themselves meanwhile. Changes go out in full, whatever else was read: who has
      // caught up alone, or heard it before, passes over the message and still holds it as it was.
      const events = read.filter(({ seq }) => seq > audience.seq)
      if (events.some((event) => isPersonal(audience, event))) this.#taker.leaveToSeats(audience)
      else this.#taker.take(audience, events)
      this.#deps.telemetry.replayed(events.length)
    } catch (error) {
      this.#deps.telemetry.replayFailed(conversationId, error)
    }
  }
}

/** In channels a reader is told of their own reactions alone. */
function isPersonal({ conversationId }: Audience, { content }: ConversationEvent): boolean {
  return (
    conversationKindOf(conversationId) === 'channel' &&
    content.kind === 'message_sent' &&
    content.reactions !== undefined
  )
}
