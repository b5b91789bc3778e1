import { ChatError } from '@satchel/protocol'
import { createInbox, headers, nuid, type Msg, type MsgHdrs } from 'nats'
import type { Timers } from '../../runtime/timers.ts'
import type { ServerTelemetry } from '../server-telemetry.ts'
import type { NatsClient } from './nats-client.ts'
import { parsePublishOutcome } from './publish-outcome.ts'

export interface RecordPublisherDeps {
  readonly client: Pick<NatsClient, 'connection' | 'connected' | 'watchReconnects'>
  readonly timers: Timers
  readonly telemetry: ServerTelemetry
}

export interface PublishDeadlines {
  /** An attempt without an answer for so long is repeated. */
  readonly attemptMs: number
  /** After so long it is given up, whatever its outcome. */
  readonly totalMs: number
}

/** Restarts and elections of NATS servers pass within; well below the streams' window for duplicates. */
const PUBLISH_DEADLINES: PublishDeadlines = { attemptMs: 2_000, totalMs: 10_000 }

const TICK_MS = 50
const RETRY_DELAY_MS = 100

interface Pending {
  readonly subject: string
  readonly record: Uint8Array
  readonly headers: MsgHdrs
  readonly sinceMs: number
  /** Attempts that may have stored it, or may still do so. */
  unknown: number
  /** When to try again; infinite while there is no connection. */
  dueMs: number
  readonly resolve: (record: number) => void
  readonly reject: (error: ChatError) => void
}

/**
 * Puts records into streams, each once: an attempt of unknown outcome is repeated under the same
 * `Nats-Msg-Id` until the outcome is known. It keeps no order: who needs one waits for the answer.
 *
 * Nothing is published while the connection is known to be lost, for the driver would send what gathered
 * meanwhile at a time of its choice. What was given up as unknown can still arrive, through a server that
 * was stopped with the bytes in its socket.
 */
export class RecordPublisher {
  readonly #deps: RecordPublisherDeps
  readonly #deadlines: PublishDeadlines
  readonly #inbox = createInbox()
  readonly #id = nuid.next()
  readonly #pending = new Map<number, Pending>()
  readonly #end: () => void
  #number = 0
  #stopTicking: (() => void) | undefined
  #closed = false

  constructor(deps: RecordPublisherDeps, deadlines: PublishDeadlines = PUBLISH_DEADLINES) {
    this.#deps = deps
    this.#deadlines = deadlines
    const { client } = deps
    const answers = client.connection.subscribe(`${this.#inbox}.*`, {
      callback: (error, answer) => {
        if (error === null) this.#take(answer)
      },
    })
    const stopWatching = client.watchReconnects(() => this.#sendAgain())
    this.#end = () => {
      stopWatching()
      answers.unsubscribe()
    }
  }

  /**
   * Gives the record's number in the stream of `subject`. Rejects with `storage_full` or `unavailable`
   * when the record is not in the stream, with `retry` when that is not known.
   */
  publish(subject: string, record: Uint8Array): Promise<number> {
    if (this.#closed) return Promise.reject(new ChatError('unavailable', 'The log is closed'))
    return new Promise((resolve, reject) => {
      const number = ++this.#number
      const messageHeaders = headers()
      messageHeaders.set('Nats-Msg-Id', `${this.#id}.${number}`)
      const sinceMs = this.#deps.timers.elapsedMs()
      const pending: Pending = {
        ...{ subject, record, headers: messageHeaders, sinceMs, resolve, reject },
        ...{ unknown: 0, dueMs: sinceMs },
      }
      this.#pending.set(number, pending)
      this.#send(number, pending)
      this.#stopTicking ??= this.#deps.timers.after(TICK_MS, () => this.#tick())
    })
  }

  /** Gives up what is not known yet. */
  close(): void {
    this.#closed = true
    this.#stopTicking?.()
    for (const [number, pending] of this.#pending) this.#giveUp(number, pending, 'closed')
    this.#end()
  }

  #send(number: number, pending: Pending): void {
    const { client, timers } = this.#deps
    if (!client.connected) {
      pending.dueMs = Number.POSITIVE_INFINITY
      return
    }
    pending.dueMs = timers.elapsedMs() + this.#deadlines.attemptMs
    try {
      const reply = `${this.#inbox}.${number}`
      client.connection.publish(pending.subject, pending.record, {
        ...{ reply, headers: pending.headers },
      })
      pending.unknown++
    } catch (error) {
      this.#settle(number, pending).reject(
        this.#failure(pending, 'NATS could not be given a record', error),
      )
    }
  }

  /** The connection is back: whatever was on its way may be lost. */
  #sendAgain(): void {
    for (const [number, pending] of this.#pending) this.#send(number, pending)
  }

  #take(answer: Msg): void {
    const number = Number(answer.subject.slice(this.#inbox.length + 1))
    const pending = this.#pending.get(number)
    if (pending === undefined) return
    const { timers, telemetry } = this.#deps
    const outcome = parsePublishOutcome(answer)
    if (outcome.kind === 'stored') {
      telemetry.called('nats', timers.elapsedMs() - pending.sinceMs)
      this.#settle(number, pending).resolve(outcome.record)
      return
    }
    telemetry.failed('nats', outcome.code)
    if (outcome.kind === 'refused') pending.unknown--
    if (outcome.kind === 'refused' && outcome.reason === 'full' && pending.unknown === 0) {
      const message = `The stream of ${pending.subject} has no room`
      this.#settle(number, pending).reject(new ChatError('storage_full', message))
      return
    }
    pending.dueMs = Math.min(pending.dueMs, timers.elapsedMs() + RETRY_DELAY_MS)
  }

  #tick(): void {
    this.#stopTicking = undefined
    const nowMs = this.#deps.timers.elapsedMs()
    for (const [number, pending] of this.#pending) {
      if (nowMs - pending.sinceMs >= this.#deadlines.totalMs)
        this.#giveUp(number, pending, 'timeout')
      else if (nowMs >= pending.dueMs) this.#send(number, pending)
    }
    if (this.#pending.size > 0)
      this.#stopTicking = this.#deps.timers.after(TICK_MS, () => this.#tick())
  }

  #giveUp(number: number, pending: Pending, code: string): void {
    this.#deps.telemetry.failed('nats', code)
    const failure = this.#failure(pending, 'No NATS server has answered for a record')
    this.#settle(number, pending).reject(failure)
  }

  #failure({ subject, unknown }: Pending, what: string, cause?: unknown): ChatError {
    const code = unknown > 0 ? 'retry' : 'unavailable'
    return new ChatError(code, `${what} of ${subject}`, { cause })
  }

  #settle(number: number, pending: Pending): Pending {
    this.#pending.delete(number)
    return pending
  }
}
