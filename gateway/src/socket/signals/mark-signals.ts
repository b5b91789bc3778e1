import type { ConversationId, MarkKind, Seq } from '@satchel/protocol'
import { markProgress, type HistoryDeps, type MarkedProgress } from '@satchel/chat-core'
import type { Marks } from '@satchel/chat-core/ports'
import type { GatewayTelemetry } from '../../gateway-telemetry.ts'
import type { Session } from '../session.ts'
import type { SignalRouter } from './signal-router.ts'

export interface MarkSignalsDeps {
  readonly queries: HistoryDeps & { readonly marks: Marks }
  readonly router: SignalRouter
  readonly telemetry: Pick<GatewayTelemetry, 'signalFailed'>
}

interface Wanted {
  readonly session: Session
  readonly conversationId: ConversationId
  readonly kind: MarkKind
  seq: Seq
}

/** Being written at once; beyond it they wait for the next second. */
const OPEN_MAX = 1_000
/** Marks that wait at once; beyond it they are dropped, as signals may be. */
const WAITING_MAX = 100_000

/** Writes marks at most once a second per user and conversation: the first at once, then the furthest. */
export class MarkSignals {
  readonly #deps: MarkSignalsDeps
  #written = new Set<string>()
  #waiting = new Map<string, Wanted>()
  #open = 0

  constructor(deps: MarkSignalsDeps) {
    this.#deps = deps
  }

  take(session: Session, conversationId: ConversationId, kind: MarkKind, seq: Seq): void {
    const key = `${conversationId} ${kind} ${session.userId}`
    const waiting = this.#waiting.get(key)
    if (waiting !== undefined) waiting.seq = Math.max(waiting.seq, seq)
    else if (!this.#written.has(key) && this.#open < OPEN_MAX)
      this.#begin(key, { session, conversationId, kind, seq })
    else if (this.#waiting.size < WAITING_MAX)
      this.#waiting.set(key, { session, conversationId, kind, seq })
  }

  /** Called each second. */
  flush(): void {
    const waiting = this.#waiting
    this.#written = new Set()
    this.#waiting = new Map()
    for (const [key, wanted] of waiting) {
      if (this.#open < OPEN_MAX) this.#begin(key, wanted)
      else this.#waiting.set(key, wanted)
    }
  }

  #begin(key: string, wanted: Wanted): void {
    this.#written.add(key)
    this.#open++
    this.#write(wanted)
      .catch((error: unknown) => this.#deps.telemetry.signalFailed('mark', error))
      .finally(() => this.#open--)
  }

  async #write({ session, conversationId, kind, seq }: Wanted): Promise<void> {
    const { userId } = session
    const { queries, router } = this.#deps
    const { mark, fanout } =
      (await this.#markHead(session, conversationId, kind, seq)) ??
      (await markProgress(queries, userId, conversationId, kind, seq))
    const message = { type: 'mark', conversationId, userId, kind, mark } as const
    // In large conversations nobody is told but the user's other devices.
    await (fanout === 'small'
      ? router.toConversation(conversationId, message)
      : router.toUsers([userId], message))
  }

  /** Most marks are at the head, which is known here to whoever sits there: nobody need be asked about them. */
  async #markHead(
    { userId, seats }: Session,
    conversationId: ConversationId,
    kind: MarkKind,
    seq: Seq,
  ): Promise<MarkedProgress | undefined> {
    const seat = seats.get(conversationId)
    if (seat?.state !== 'live' || seat.lastSeq !== seq || seat.audience.head.seq !== seq)
      return undefined
    const { head, isSubscribed } = seat.audience
    const mark = { seq, ordinal: head.ordinal }
    await this.#deps.queries.marks.advance(conversationId, userId, kind, mark)
    return { mark, fanout: isSubscribed ? 'large' : 'small' }
  }
}
