import type { GatewayMessage } from '../../ports/gateway-bus.ts'
import { formatGatewayMessages } from './gateway-message.ts'
import type { NatsClient } from './nats-client.ts'
import { UnconfirmedBytes } from './unconfirmed-bytes.ts'

/** Why messages were not sent: no connection, a server that does not keep up, or nothing that could be sent. */
export type LossReason = 'disconnected' | 'slow' | 'refused'

export interface GatewayOutboxOptions {
  readonly client: NatsClient
  readonly lost: (messages: number, reason: LossReason) => void
  /** Some were lost because the server was slow, and it no longer is. */
  readonly recovered: () => void
}

/** Below the least that a NATS server takes as one message unless told otherwise: 1 MB. */
const MAX_PAYLOAD_BYTES = 768 * 1024

/** What one turn of the loop sends to a subject travels as one NATS message. What cannot be sent is dropped. */
export class GatewayOutbox {
  readonly #options: GatewayOutboxOptions
  readonly #unconfirmed: UnconfirmedBytes
  #waiting = new Map<string, GatewayMessage[]>()
  #lostSome = false

  constructor(options: GatewayOutboxOptions) {
    this.#options = options
    this.#unconfirmed = new UnconfirmedBytes(options.client, () => {
      this.#caughtUp()
    })
  }

  add(subject: string, message: GatewayMessage): void {
    const waiting = this.#waiting.get(subject)
    if (waiting !== undefined) {
      waiting.push(message)
      return
    }
    if (this.#waiting.size === 0) setImmediate(() => this.flush())
    this.#waiting.set(subject, [message])
  }

  flush(): void {
    const waiting = this.#waiting
    this.#waiting = new Map()
    for (const [subject, messages] of waiting) this.#send(subject, messages)
  }

  #send(subject: string, messages: readonly GatewayMessage[]): void {
    const { client, lost } = this.#options
    if (!client.connected) {
      lost(messages.length, 'disconnected')
      return
    }
    try {
      this.#publish(subject, messages)
    } catch {
      // The connection is being closed, or the server takes less than we think.
      lost(messages.length, 'refused')
    }
  }

  #publish(subject: string, messages: readonly GatewayMessage[]): void {
    const payload = formatGatewayMessages(messages)
    if (payload.length > MAX_PAYLOAD_BYTES && messages.length > 1) {
      const half = messages.length >> 1
      this.#send(subject, messages.slice(0, half))
      this.#send(subject, messages.slice(half))
    } else if (this.#unconfirmed.add(payload.length)) {
      this.#options.client.connection.publish(subject, payload)
    } else {
      this.#lostSome = true
      this.#options.lost(messages.length, 'slow')
    }
  }

  #caughtUp(): void {
    if (!this.#lostSome) return
    this.#lostSome = false
    this.#options.recovered()
  }
}
