import { MARK_KINDS } from '@satchel/protocol'
import type { ConversationId, MarkKind, Seq, UserId } from '@satchel/protocol'
import type { Clock } from './clock.ts'
import type { Connection } from './connection.ts'
import type { Unsubscribe } from './emitter.ts'

/** How far a member has read and received. */
export interface MemberMarks {
  readonly userId: UserId
  readonly read: Seq
  readonly delivered: Seq
}

/** The server writes no more often than this per conversation; sending more often is waste. */
const INTERVAL_MS = 1_000
/** What was sent so shortly before a connection was lost may be lost with it. */
const DOUBTFUL_MS = 60_000

/** The user's own marks in one conversation: the highest counts, sent at most once a second, again after a loss. */
export class MarkSender {
  readonly #connection: Connection
  readonly #clock: Clock
  readonly #conversationId: () => ConversationId | undefined
  readonly #highest: Record<MarkKind, number> = { read: 0, delivered: 0 }
  readonly #unsent = new Set<MarkKind>()
  #sentAtMs = -Infinity
  #isListening = false
  #cancelPause: Unsubscribe | undefined

  constructor(
    connection: Connection,
    clock: Clock,
    conversationId: () => ConversationId | undefined,
  ) {
    this.#connection = connection
    this.#clock = clock
    this.#conversationId = conversationId
  }

  mark(kind: MarkKind, seq: Seq): void {
    if (seq <= this.#highest[kind]) return
    // Not before: most conversations are never marked, and there are many.
    if (!this.#isListening) {
      this.#isListening = true
      this.#connection.on('live', () => {
        this.#sendAgain()
      })
    }
    this.#highest[kind] = seq
    this.#unsent.add(kind)
    if (this.#cancelPause === undefined) this.#send()
  }

  #sendAgain(): void {
    const isDoubtful = this.#clock.now() - this.#sentAtMs < DOUBTFUL_MS
    for (const kind of MARK_KINDS) {
      if (isDoubtful && this.#highest[kind] > 0) this.#unsent.add(kind)
    }
    this.#send()
  }

  #send(): void {
    const conversationId = this.#conversationId()
    if (conversationId === undefined || !this.#connection.isLive || this.#unsent.size === 0) return
    for (const mark of this.#unsent) {
      this.#connection.signal({ type: 'mark', conversationId, mark, seq: this.#highest[mark] })
    }
    this.#unsent.clear()
    this.#sentAtMs = this.#clock.now()
    this.#cancelPause?.()
    this.#cancelPause = this.#clock.setTimer(INTERVAL_MS, () => {
      this.#cancelPause = undefined
      this.#send()
    })
  }
}
