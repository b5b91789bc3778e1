import { createInbox, nanos, type Msg, type NatsConnection, type Subscription } from 'nats'
import type { Timers } from '../../runtime/timers.ts'
import { parseAckAddress } from './ack-address.ts'

/** A message of a stream, as an ordered reader gets it. */
export interface PulledMessage {
  /** Its number in the stream. */
  readonly seq: number
  readonly timeMs: number
  readonly data: Uint8Array
}

export interface PullHandlers {
  take(message: PulledMessage): void
  /** What was pulled has arrived, or is not coming: the reader may pull again. */
  pulled(): void
  /** From here on messages may be missing; called once, and nothing after it. */
  lost(reason: string): void
}

export interface PullSource {
  readonly stream: string
  /** An ack-none consumer of nobody else's. */
  readonly consumer: string
}

// One that is gone, or that this process cannot hear, is noticed after three.
const HEARTBEAT_MS = 500
const PULL_EXPIRES_MS = 30_000
const STATUS = { heartbeat: 100, expired: 408 } as const

/**
 * Pulls from one ephemeral consumer, and notices by the consumer's own numbering whenever a message does not
 * arrive, the last one included: heartbeats say what was sent. Order is then the reader's: it begins again
 * with a new consumer behind what it has.
 */
export class PullSession {
  readonly #connection: NatsConnection
  readonly #timers: Timers
  readonly #handlers: PullHandlers
  readonly #subject: string
  readonly #inbox: string
  readonly #subscription: Subscription
  #delivered = 0
  #missing = 0
  #heardMs = 0
  #stopWatching: (() => void) | undefined
  #ended = false

  constructor(
    deps: { readonly connection: NatsConnection; readonly timers: Timers },
    { stream, consumer }: PullSource,
    handlers: PullHandlers,
  ) {
    this.#connection = deps.connection
    this.#timers = deps.timers
    this.#handlers = handlers
    this.#subject = `$JS.API.CONSUMER.MSG.NEXT.${stream}.${consumer}`
    this.#inbox = createInbox()
    this.#subscription = deps.connection.subscribe(this.#inbox, {
      callback: (error, message) => {
        if (error === null) this.#take(message)
        else this.lose(error.code)
      },
    })
  }

  /** Asks for so many messages, as they come; only once the last pull has ended. */
  pull(count: number): void {
    if (this.#ended || this.#missing > 0) return
    this.#missing = count
    this.#heardMs = this.#timers.elapsedMs()
    this.#stopWatching ??= this.#timers.after(HEARTBEAT_MS, () => this.#watch())
    const request = {
      batch: count,
      expires: nanos(PULL_EXPIRES_MS),
      idle_heartbeat: nanos(HEARTBEAT_MS),
    }
    try {
      this.#connection.publish(this.#subject, JSON.stringify(request), { reply: this.#inbox })
    } catch {
      this.lose('not_connected')
    }
  }

  /** For what is seen from outside: the connection, or a hole in the stream. */
  lose(reason: string): void {
    if (this.#ended) return
    this.close()
    this.#handlers.lost(reason)
  }

  /** Nothing is given out any more. */
  close(): void {
    this.#ended = true
    this.#stopWatching?.()
    this.#subscription.unsubscribe()
  }

  #take(message: Msg): void {
    if (this.#ended) return
    this.#heardMs = this.#timers.elapsedMs()
    // Headers take time to decode: a message has an address for acknowledgements, a status has none.
    if (message.reply === '') this.#takeStatus(message)
    else this.#takeMessage(message)
  }

  #takeMessage(message: Msg): void {
    const { seq, delivery, timeMs } = parseAckAddress(message.reply ?? '')
    if (delivery !== this.#delivered + 1) {
      this.lose('gap')
      return
    }
    this.#delivered++
    this.#missing--
    this.#handlers.take({ seq, timeMs, data: message.data })
    if (this.#missing === 0) this.#handlers.pulled()
  }

  #takeStatus({ headers }: Msg): void {
    switch (headers?.code) {
      case STATUS.heartbeat:
        if (Number(headers.get('Nats-Last-Consumer')) !== this.#delivered) this.lose('gap')
        return
      case STATUS.expired:
        if (Number(headers.get('Nats-Pending-Messages')) !== this.#missing) {
          this.lose('gap')
          return
        }
        this.#missing = 0
        this.#handlers.pulled()
        return
      default:
        this.lose(`status_${headers?.code ?? 0}`)
    }
  }

  #watch(): void {
    this.#stopWatching = undefined
    const silentMs = this.#timers.elapsedMs() - this.#heardMs
    if (this.#missing > 0 && silentMs > 3 * HEARTBEAT_MS) this.lose('silence')
    else this.#stopWatching = this.#timers.after(HEARTBEAT_MS, () => this.#watch())
  }
}
