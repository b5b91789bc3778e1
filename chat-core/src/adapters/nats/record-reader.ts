import { AckPolicy, DeliverPolicy, nanos, nuid, type JetStreamManager } from 'nats'
import type { LogReader, LogRecord } from '../../ports/command-log.ts'
import type { Timers } from '../../runtime/timers.ts'
import type { ServerTelemetry } from '../server-telemetry.ts'
import { parseLogRecord } from './log-record.ts'
import { readLogStream, type LogStreamState } from './log-streams.ts'
import type { NatsClient } from './nats-client.ts'
import { natsErrorCode } from './nats-error.ts'
import { PullSession, type PulledMessage } from './pull-session.ts'

export interface RecordReaderDeps {
  readonly client: Pick<NatsClient, 'connection' | 'connected' | 'watchReconnects'>
  readonly manager: JetStreamManager
  readonly timers: Timers
  readonly telemetry: ServerTelemetry
}

export interface RecordReaderOptions {
  readonly stream: string
  readonly generation: number
  /** The record before the first one to read. */
  readonly after: number
  readonly take: (record: LogRecord) => Promise<void>
  readonly lastRecord: () => number
  readonly ended: () => void
}

/** Records that are here and not given out yet: a megabyte at most. */
const PREFETCH = 16
/** How long a server remembers the consumer of a process that is gone. */
const CONSUMER_LIFE_MS = 30_000
const RETRY_DELAY_MS = { least: 100, most: 1_000 } as const
/** A server that has just started, or was cut off from the others, lags behind before it knows. */
const GONE_AFTER_MS = 3_000

/** A message, or the place where records should be that are not there. */
type Queued = PulledMessage | { readonly seq: number; readonly data: undefined }

/** Reads one partition in order, whatever happens to servers and connections; see `CommandLog.read`. */
export class RecordReader implements LogReader {
  readonly #deps: RecordReaderDeps
  readonly #options: RecordReaderOptions
  readonly #stopWatching: () => void
  readonly #queue: Queued[] = []
  /** The record to ask for, behind those in the queue. */
  #next: number
  #session: PullSession | undefined
  #created: string | undefined
  #goneSinceMs: number | undefined
  #giving = false
  #ended = false
  #resume: (() => void) | undefined

  constructor(deps: RecordReaderDeps, options: RecordReaderOptions) {
    this.#deps = deps
    this.#options = options
    this.#next = options.after + 1
    this.#stopWatching = deps.client.watchReconnects(() => this.#session?.lose('reconnected'))
    void this.#run()
  }

  get lastRecord(): number {
    return this.#options.lastRecord()
  }

  /** Does not wait for the record that is being taken. */
  async close(): Promise<void> {
    this.#end()
  }

  #end(): void {
    if (this.#ended) return
    this.#ended = true
    this.#options.ended()
    this.#queue.length = 0
    this.#stopWatching()
    this.#session?.lose('closed')
    this.#resume?.()
  }

  /** One session after another; never rejects. */
  async #run(): Promise<void> {
    let delayMs: number = RETRY_DELAY_MS.least
    for (;;) {
      let wasThere = false
      try {
        wasThere = await this.#readUntilLost()
      } catch (error) {
        this.#deps.telemetry.failed('nats', natsErrorCode(error))
      }
      if (this.#ended) return
      delayMs = wasThere ? RETRY_DELAY_MS.least : Math.min(2 * delayMs, RETRY_DELAY_MS.most)
      await this.#pause(delayMs)
    }
  }

  /** False when there was nothing to read from. */
  async #readUntilLost(): Promise<boolean> {
    const { client, manager } = this.#deps
    const { stream } = this.#options
    if (this.#ended || !client.connected) return false
    const state = await readLogStream(manager, stream)
    if (!this.#isThere(state)) {
      this.#reportGone()
      return false
    }
    const consumer = nuid.next()
    await manager.consumers.add(stream, {
      name: consumer,
      ack_policy: AckPolicy.None,
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: this.#next,
      inactive_threshold: nanos(CONSUMER_LIFE_MS),
      mem_storage: true,
      num_replicas: 1,
    })
    await this.#pullUntilLost(consumer)
    this.#forget(consumer)
    return true
  }

  /** Whether the stream is the one that was read before, with what comes next. */
  #isThere(state: LogStreamState | undefined): boolean {
    const isThere =
      state?.generation === this.#options.generation &&
      state.created === (this.#created ?? state.created) &&
      state.firstRecord <= this.#next &&
      state.lastRecord >= this.#next - 1
    if (!isThere) return false
    this.#created = state.created
    this.#goneSinceMs = undefined
    return true
  }

  #reportGone(): void {
    const nowMs = this.#deps.timers.elapsedMs()
    this.#goneSinceMs ??= nowMs
    if (nowMs - this.#goneSinceMs >= GONE_AFTER_MS) this.#push({ seq: this.#next, data: undefined })
  }

  async #pullUntilLost(consumer: string): Promise<void> {
    if (this.#ended) return
    const { client, timers, telemetry } = this.#deps
    await new Promise<void>((resolve) => {
      const source = { stream: this.#options.stream, consumer }
      this.#session = new PullSession({ connection: client.connection, timers }, source, {
        take: (message) => this.#receive(message),
        pulled: () => this.#refill(),
        lost: (reason) => {
          this.#session = undefined
          if (!this.#ended) telemetry.failed('nats', reason)
          resolve()
        },
      })
      this.#refill()
    })
  }

  /** The server would forget it too, later. */
  #forget(consumer: string): void {
    const { client, manager } = this.#deps
    if (client.connected)
      manager.consumers.delete(this.#options.stream, consumer).catch(() => undefined)
  }

  #receive(message: PulledMessage): void {
    if (message.seq === this.#next) {
      this.#next++
      this.#push(message)
    } else {
      // The consumer's own numbers have no gap: the stream has one.
      this.#push({ seq: this.#next, data: undefined })
    }
  }

  #push(queued: Queued): void {
    this.#queue.push(queued)
    if (!this.#giving) void this.#give()
  }

  #refill(): void {
    if (this.#queue.length <= PREFETCH / 2) this.#session?.pull(PREFETCH - this.#queue.length)
  }

  /** Gives out one record after the other; never rejects. */
  async #give(): Promise<void> {
    this.#giving = true
    for (;;) {
      const queued = this.#queue.shift()
      if (queued === undefined) break
      this.#refill()
      const record = this.#recordOf(queued)
      if (record.kind === 'broken') this.#end()
      try {
        await this.#options.take(record)
      } catch {
        // A reader answers for its own failures; the log's part is to go on.
      }
    }
    this.#giving = false
  }

  #recordOf(queued: Queued): LogRecord {
    const { generation } = this.#options
    return queued.data === undefined
      ? { kind: 'broken', generation, record: queued.seq, reason: 'missing' }
      : parseLogRecord(queued.data, { generation, record: queued.seq, timeMs: queued.timeMs })
  }

  async #pause(delayMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const stop = this.#deps.timers.after(delayMs, resolve)
      this.#resume = () => {
        stop()
        resolve()
      }
    })
    this.#resume = undefined
  }
}
