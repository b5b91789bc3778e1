import { createInbox, ErrorCode, NatsError, type Msg, type NatsConnection } from 'nats'
import type { Timers } from '../../runtime/timers.ts'

interface Pending {
  readonly resolve: (answer: Uint8Array) => void
  readonly reject: (error: NatsError) => void
  readonly stopTimer: () => void
}

/** `Status` of what a server sends when nobody listens where the question went. */
const NO_RESPONDERS = 503

/**
 * Questions over NATS core, for what is asked often: all answers come to one inbox. The driver's own `request` makes an
 * error with its stack for each answer that came, a twentieth of what a gateway does for uploads, and waits for its timeout
 * when the connection is lost.
 */
export class RequestInbox {
  readonly #connection: NatsConnection
  readonly #timers: Pick<Timers, 'after'>
  readonly #inbox = createInbox()
  readonly #pending = new Map<string, Pending>()
  #isOpen = false
  #number = 0

  constructor(connection: NatsConnection, timers: Pick<Timers, 'after'>) {
    this.#connection = connection
    this.#timers = timers
  }

  /** Rejects with a `NatsError`: its code says that nobody listens, or that no answer came, in time or at all. */
  request(subject: string, payload: Uint8Array, timeoutMs: number): Promise<Uint8Array> {
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>()
    const token = (++this.#number).toString(36)
    const stopTimer = this.#timers.after(timeoutMs, () => this.#fail(token, ErrorCode.Timeout))
    this.#pending.set(token, { resolve, reject, stopTimer })
    try {
      this.#open()
      this.#connection.publish(subject, payload, { reply: `${this.#inbox}.${token}` })
    } catch {
      this.#fail(token, ErrorCode.ConnectionClosed)
    }
    return promise
  }

  /** For when the connection is lost: what was asked, or its answer, may be as well. */
  failAll(code: ErrorCode): void {
    for (const token of [...this.#pending.keys()]) this.#fail(token, code)
  }

  #open(): void {
    if (this.#isOpen) return
    this.#connection.subscribe(`${this.#inbox}.*`, {
      callback: (error, answer) => {
        if (error === null) this.#take(answer)
      },
    })
    this.#isOpen = true
  }

  #take(answer: Msg): void {
    const token = answer.subject.slice(this.#inbox.length + 1)
    // Headers take time to decode: only an empty message may be the server's.
    if (answer.data.length === 0 && answer.headers?.code === NO_RESPONDERS) {
      this.#fail(token, ErrorCode.NoResponders)
      return
    }
    this.#end(token)?.resolve(answer.data)
  }

  #fail(token: string, code: ErrorCode): void {
    this.#end(token)?.reject(new NatsError(code, code))
  }

  #end(token: string): Pending | undefined {
    const pending = this.#pending.get(token)
    this.#pending.delete(token)
    pending?.stopTimer()
    return pending
  }
}
