import { setTimeout } from 'node:timers/promises'
import { ChatError, type ConversationId, type Seq } from '@satchel/protocol'
import type { GatewayBus, GatewayListener, GatewayMessage } from '../../ports/gateway-bus.ts'
import { parseGatewayMessages } from './gateway-message.ts'
import { GatewayOutbox, type LossReason } from './gateway-outbox.ts'
import type { NatsClient } from './nats-client.ts'
import { natsError } from './nats-error.ts'

/** What happens to messages that the bus may lose. */
export interface GatewayBusTelemetry {
  lost(messages: number, reason: LossReason): void
  /** A payload came that is none of ours, or NATS does not let us listen. */
  unreadable(error: unknown): void
  /** A gateway's listener threw; nothing is lost by it but that message. */
  listenerFailed(error: unknown): void
}

export interface NatsGatewayBusOptions {
  readonly client: NatsClient
  readonly telemetry: GatewayBusTelemetry
  /** How far a conversation has come, as somebody told this process; said before its listeners hear of it. */
  readonly heardOf?: ((conversationId: ConversationId, seq: Seq) => void) | undefined
}

interface Subscription {
  readonly gatewayIds: Set<string>
  readonly end: () => void
}

const FLUSH_TIMEOUT_MS = 1_000

// Becomes part of a subject, where anything else could be taken for more of it.
const GATEWAY_ID = /^[\w-]{1,64}$/

/** NATS core: a subject for each gateway, one for all of them, and one for each conversation. */
class NatsGatewayBus implements GatewayBus {
  readonly crossProcess = true
  readonly #client: NatsClient
  readonly #telemetry: GatewayBusTelemetry
  readonly #heardOf: NatsGatewayBusOptions['heardOf']
  readonly #outbox: GatewayOutbox
  readonly #listeners = new Map<string, Set<GatewayListener>>()
  readonly #subscriptions = new Map<ConversationId, Subscription>()
  readonly #gapWatchers = new Set<() => void>()
  readonly #unwatch: () => void

  constructor({ client, telemetry, heardOf }: NatsGatewayBusOptions) {
    this.#client = client
    this.#telemetry = telemetry
    this.#heardOf = heardOf
    this.#outbox = new GatewayOutbox({
      client,
      lost: (messages, reason) => {
        telemetry.lost(messages, reason)
      },
      recovered: () => {
        this.#tellOfGap()
      },
    })
    this.#unwatch = client.watchReconnects(() => void this.#reconnected())
  }

  get connected(): boolean {
    return this.#client.connected
  }

  send(gatewayId: string, message: GatewayMessage): void {
    if (GATEWAY_ID.test(gatewayId)) this.#outbox.add(this.#subject('gateway', gatewayId), message)
    else this.#telemetry.lost(1, 'refused')
  }

  publish(conversationId: ConversationId, message: GatewayMessage): void {
    this.#outbox.add(this.#subject('conversation', conversationId), message)
  }

  broadcast(message: GatewayMessage): void {
    this.#outbox.add(this.#subject('gateways'), message)
  }

  listen(gatewayId: string, listener: GatewayListener): () => void {
    if (!GATEWAY_ID.test(gatewayId))
      throw new ChatError('internal', `${gatewayId} cannot be the id of a gateway`)
    const own = this.#listeners.get(gatewayId) ?? new Set()
    this.#listeners.set(gatewayId, own)
    own.add(listener)
    const ends = [this.#subject('gateway', gatewayId), this.#subject('gateways')].map((subject) =>
      this.#hear(subject, (message) => {
        this.#tell(listener, message)
      }),
    )
    return () => {
      for (const end of ends) end()
      own.delete(listener)
      if (own.size === 0) this.#listeners.delete(gatewayId)
    }
  }

  subscribe(gatewayId: string, conversationId: ConversationId): void {
    const existing = this.#subscriptions.get(conversationId)
    if (existing !== undefined) {
      existing.gatewayIds.add(gatewayId)
      return
    }
    const gatewayIds = new Set([gatewayId])
    const end = this.#hear(this.#subject('conversation', conversationId), (message) => {
      for (const id of gatewayIds)
        for (const listener of this.#listeners.get(id) ?? []) this.#tell(listener, message)
    })
    this.#subscriptions.set(conversationId, { gatewayIds, end })
  }

  unsubscribe(gatewayId: string, conversationId: ConversationId): void {
    const existing = this.#subscriptions.get(conversationId)
    if (existing?.gatewayIds.delete(gatewayId) !== true || existing.gatewayIds.size > 0) return
    existing.end()
    this.#subscriptions.delete(conversationId)
  }

  async flush(): Promise<void> {
    const client = this.#client
    this.#outbox.flush()
    const late = new AbortController()
    try {
      if (!client.connected) throw new Error('not connected')
      await Promise.race([client.connection.flush(), rejectLater(late.signal)])
    } catch (cause) {
      throw natsError('confirm what was sent to gateways', cause)
    } finally {
      late.abort()
    }
  }

  watchGaps(gap: () => void): () => void {
    this.#gapWatchers.add(gap)
    return () => this.#gapWatchers.delete(gap)
  }

  /** Sends what waits; conversations are no longer listened to. */
  close(): void {
    this.#unwatch()
    this.#outbox.flush()
    for (const { end } of this.#subscriptions.values()) end()
    this.#subscriptions.clear()
  }

  #subject(...names: readonly string[]): string {
    return [this.#client.deployment, ...names].join('.')
  }

  #hear(subject: string, take: (message: GatewayMessage) => void): () => void {
    const subscription = this.#client.connection.subscribe(subject, {
      callback: (error, { data }) => {
        if (error !== null) this.#telemetry.unreadable(error)
        else
          for (const message of this.#parse(data)) {
            this.#note(message)
            take(message)
          }
      },
    })
    return () => {
      subscription.unsubscribe()
    }
  }

  #parse(payload: Uint8Array): readonly GatewayMessage[] {
    try {
      return parseGatewayMessages(payload)
    } catch (error) {
      this.#telemetry.unreadable(error)
      return []
    }
  }

  #note(message: GatewayMessage): void {
    if (message.type !== 'events' && message.type !== 'head') return
    const seq = message.type === 'head' ? message.head.seq : message.events.at(-1)?.event.seq
    if (seq !== undefined) this.#heardOf?.(message.conversationId, seq)
  }

  #tell(listener: GatewayListener, message: GatewayMessage): void {
    try {
      listener(message)
    } catch (error) {
      this.#telemetry.listenerFailed(error)
    }
  }

  async #reconnected(): Promise<void> {
    try {
      // Whoever looks for what was missed must not miss what comes while looking.
      await this.#client.connection.flush()
      this.#tellOfGap()
    } catch {
      // It is lost again: the next reconnection tells.
    }
  }

  #tellOfGap(): void {
    for (const gap of this.#gapWatchers) gap()
  }
}

async function rejectLater(signal: AbortSignal): Promise<never> {
  await setTimeout(FLUSH_TIMEOUT_MS, undefined, { signal })
  throw new Error(`no answer within ${FLUSH_TIMEOUT_MS} ms`)
}

export type { NatsGatewayBus }

export function openNatsGatewayBus(options: NatsGatewayBusOptions): NatsGatewayBus {
  return new NatsGatewayBus(options)
}
