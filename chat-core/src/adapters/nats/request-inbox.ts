import { createInbox, ErrorCode, NatsError, type Msg, type NatsConnection } from 'nats'
import type { Timers } from '../../runtime/timers.ts'

export interface RequestOptions {
  readonly timeoutMs: number
  /** Whether it is asked again over the next connection when the one it was sent over is lost, for what only reads. */
  readonly repeats: boolean
}

interface Asked {
  readonly subject: string
  readonly payload: Uint8Array
  readonly repeats: boolean
  readonly resolve: (answer: Uint8Array) => void
  readonly reject: (error: unknown) => void
  readonly stopTimer: () => void
  isSent: boolean
}

/** `Status` of what a server sends when nobody listens where the question went. */
const NO_RESPONDERS = 503

/**
 * Questions over NATS core, for what is asked often: all answers come to one inbox. The driver's own `request` makes an
 * error with its stack for each answer that came, a twentieth of what a gateway does for uploads, and drops what is
 * asked while the connection is away.
 */
export class RequestInbox {
  readonly #connection: NatsConnection
  readonly #timers: Pick<Timers, 'after'>
  readonly #inbox = createInbox()
  readonly #asked = new Map<string, Asked>()
  #number = 0
  #isListening = false
  #isAway = false
  #isClosed = false

  constructor(connection: NatsConnection, timers: Pick<Timers, 'after'>) {
    this.#connection = connection
    this.#timers = timers
  }

  /** Rejects with a `NatsError`: its code says that nobody listens, that no answer came in time, or why it was not asked. */
  request(subject: string, payload: Uint8Array, options: RequestOptions): Promise<Uint8Array> {
    const { timeoutMs, repeats } = options
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>()
    const token = (++this.#number).toString(36)
    const stopTimer = this.#timers.after(timeoutMs, () => this.#fail(token, ErrorCode.Timeout))
    const asked = { subject, payload, repeats, resolve, reject, stopTimer, isSent: false }
    this.#asked.set(token, asked)
    if (this.#isClosed) this.#fail(token, ErrorCode.ConnectionClosed)
    else if (!this.#isAway) this.#send(token, asked)
    return promise
  }

  /** Until the connection is back, nothing is sent: the driver would drop it, or send it at a time of its choice. */
  lost(): void {
    this.#isAway = true
  }

  back(): void {
    this.#isAway = false
    for (const [token, asked] of [...this.#asked]) {
      if (!asked.isSent || asked.repeats) this.#send(token, asked)
    }
  }

  /** Takes no more questions. What was asked may still be answered, until `end`. */
  close(): void {
    this.#isClosed = true
  }

  end(): void {
    this.#failAll(ErrorCode.ConnectionClosed)
  }

  #send(token: string, asked: Asked): void {
    try {
      this.#listen()
      this.#connection.publish(asked.subject, asked.payload, { reply: `${this.#inbox}.${token}` })
      asked.isSent = true
    } catch (error) {
      this.#take(token)?.reject(error)
    }
  }

  #listen(): void {
    if (this.#isListening) return
    this.#connection.subscribe(`${this.#inbox}.*`, {
      callback: (error, answer) => {
        if (error === null) this.#hear(answer)
        else this.#refused(error)
      },
    })
    this.#isListening = true
  }

  /** The subscription has ended: the server permits none, until somebody changes that. */
  #refused({ code }: NatsError): void {
    this.#isListening = false
    this.#failAll(code)
  }

  #hear(answer: Msg): void {
    const token = answer.subject.slice(this.#inbox.length + 1)
    // Headers take time to decode: only an empty message may be the server's.
    if (answer.data.length === 0 && answer.headers?.code === NO_RESPONDERS) {
      this.#fail(token, ErrorCode.NoResponders)
      return
    }
    this.#take(token)?.resolve(answer.data)
  }

  #failAll(code: string): void {
    for (const token of [...this.#asked.keys()]) this.#fail(token, code)
  }

  #fail(token: string, code: string): void {
    this.#take(token)?.reject(new NatsError(code, code))
  }

  #take(token: string): Asked | undefined {
    const asked = this.#asked.get(token)
    this.#asked.delete(token)
    asked?.stopTimer()
    return asked
  }
}
