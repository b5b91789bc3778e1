import { createInbox, nanos, type Msg, type Subscription } from 'nats'
import type { Timers } from '../../runtime/timers.ts'
import { JobMessage } from './job-message.ts'
import { CONSUMER_NAME } from './job-streams.ts'
import type { NatsClient } from './nats-client.ts'

export interface JobPullOptions {
  readonly client: Pick<NatsClient, 'connected' | 'connection' | 'watchReconnects'>
  readonly timers: Timers
  readonly stream: string
  readonly take: (message: JobMessage) => void
  /** What was asked for is not coming: it may be asked for again. */
  readonly lapsed: () => void
}

const EXPIRES_MS = 30_000
/** A server that has forgotten what it was asked for is noticed after three of these. */
const HEARTBEAT_MS = 2_000
const HEARTBEAT_CODE = 100
/** After a refusal: a consumer without a leader has one soon. */
const REFUSED_DELAY_MS = 500

/**
 * Asks for jobs, and no more than can be worked on: a job that waits here could be worked on elsewhere. A
 * message that was on its way when a connection was lost comes again once its time for an ack is over.
 */
export class JobPull {
  readonly #options: JobPullOptions
  readonly #unwatch: () => void
  #subscription: Subscription
  #inbox = ''
  #asked = 0
  #heardMs = 0
  #stopWatching: (() => void) | undefined
  #stopLapsing: (() => void) | undefined
  #isClosed = false

  constructor(options: JobPullOptions) {
    this.#options = options
    this.#subscription = this.#listen()
    this.#unwatch = options.client.watchReconnects(() => {
      this.#lapse()
    })
  }

  /** Asks for as many as are missing. */
  want(count: number): void {
    const missing = count - this.#asked
    if (this.#isClosed || missing <= 0) return
    const { client, timers, stream } = this.#options
    const request = {
      batch: missing,
      expires: nanos(EXPIRES_MS),
      idle_heartbeat: nanos(HEARTBEAT_MS),
    }
    this.#asked = count
    this.#heardMs = timers.elapsedMs()
    this.#stopWatching ??= timers.after(HEARTBEAT_MS, () => {
      this.#watch()
    })
    client.connection.publish(
      `$JS.API.CONSUMER.MSG.NEXT.${stream}.${CONSUMER_NAME}`,
      JSON.stringify(request),
      { reply: this.#inbox },
    )
  }

  /** Nothing more is taken; what is on its way goes back. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#unwatch()
    this.#stopWatching?.()
    this.#stopLapsing?.()
    // Without a server nothing is on its way, and draining would wait for one.
    if (this.#options.client.connected) await this.#subscription.drain()
    else this.#subscription.unsubscribe()
  }

  #listen(): Subscription {
    this.#inbox = createInbox()
    return this.#options.client.connection.subscribe(this.#inbox, {
      callback: (error, message) => {
        if (error === null) this.#hear(message)
      },
    })
  }

  #hear(message: Msg): void {
    this.#heardMs = this.#options.timers.elapsedMs()
    if (message.reply === undefined || message.reply === '') this.#hearStatus(message)
    else this.#take(new JobMessage(this.#options.client.connection, message))
  }

  #take(message: JobMessage): void {
    if (this.#isClosed) {
      message.giveBack()
      return
    }
    this.#asked--
    this.#options.take(message)
  }

  #hearStatus({ headers }: Msg): void {
    if (headers === undefined || headers.code === HEARTBEAT_CODE || this.#isClosed) return
    // The request has ended, with so many messages that it did not bring.
    const pending = headers.get('Nats-Pending-Messages')
    if (pending === '') this.#lapseSoon()
    else {
      this.#asked -= Number(pending)
      this.#options.lapsed()
    }
  }

  /** Once, however many requests were refused. */
  #lapseSoon(): void {
    this.#stopLapsing ??= this.#options.timers.after(REFUSED_DELAY_MS, () => {
      this.#lapse()
    })
  }

  #watch(): void {
    const { client, timers } = this.#options
    if (client.connection.isClosed()) return
    this.#stopWatching = timers.after(HEARTBEAT_MS, () => {
      this.#watch()
    })
    if (this.#asked > 0 && timers.elapsedMs() - this.#heardMs > 3 * HEARTBEAT_MS) this.#lapse()
  }

  /** Everything asked for may be lost: the server forgets the rest with the inbox. */
  #lapse(): void {
    const { connection } = this.#options.client
    this.#stopLapsing?.()
    this.#stopLapsing = undefined
    if (this.#isClosed || connection.isClosed() || connection.isDraining()) return
    this.#subscription.unsubscribe()
    this.#subscription = this.#listen()
    this.#asked = 0
    this.#options.lapsed()
  }
}
