import type { Msg, MsgHdrs, NatsConnection } from 'nats'
import { parseAckAddress } from './ack-address.ts'

const CONFIRM_TIMEOUT_MS = 5_000

/** A message of a work queue, which comes again unless it is finished. */
export class JobMessage {
  readonly #connection: NatsConnection
  readonly #message: Msg
  readonly #address: string

  constructor(connection: NatsConnection, message: Msg) {
    this.#connection = connection
    this.#message = message
    this.#address = message.reply ?? ''
  }

  get data(): Uint8Array {
    return this.#message.data
  }

  /** 1 the first time it is given out. */
  get attempt(): number {
    return parseAckAddress(this.#address).attempt
  }

  get headers(): MsgHdrs | undefined {
    return this.#message.headers
  }

  /** Settles when the server has taken it out of the queue. */
  async finish(): Promise<void> {
    await this.#confirm('+ACK')
  }

  /** Settles when the server knows that it is to come again, no sooner than then. */
  async comeAgain(delayMs: number): Promise<void> {
    await this.#confirm(`-NAK ${JSON.stringify({ delay: delayMs * 1_000_000 })}`)
  }

  /** It is being worked on: its time begins anew. False once the connection takes nothing more. */
  stayAway(): boolean {
    return this.#say('+WPI')
  }

  /** Whoever asks next may have it. */
  giveBack(): void {
    this.#say('-NAK')
  }

  #say(payload: string): boolean {
    try {
      this.#connection.publish(this.#address, payload)
      return true
    } catch {
      // It is closed, or about to be: the job comes again.
      return false
    }
  }

  async #confirm(payload: string): Promise<void> {
    await this.#connection.request(this.#address, payload, { timeout: CONFIRM_TIMEOUT_MS })
  }
}
