import type { ConversationId } from '@satchel/protocol'
import type { GatewayBus, GatewayListener, GatewayMessage } from '../../ports/gateway-bus.ts'

export interface EmbeddedGatewayBusOptions {
  readonly onListenerError: (error: unknown) => void
}

/** Between the parts of one process. Listeners are called after the publisher's turn, in order. */
export function openEmbeddedGatewayBus({ onListenerError }: EmbeddedGatewayBusOptions): GatewayBus {
  const listeners = new Map<string, Set<GatewayListener>>()
  const subscribers = new Map<ConversationId, Set<string>>()
  let queue: { readonly gatewayId: string; readonly message: GatewayMessage }[] = []

  function enqueue(gatewayId: string, message: GatewayMessage): void {
    queue.push({ gatewayId, message })
    if (queue.length === 1) queueMicrotask(deliver)
  }

  function deliver(): void {
    const messages = queue
    queue = []
    for (const { gatewayId, message } of messages)
      for (const listener of listeners.get(gatewayId) ?? []) call(listener, message)
  }

  function call(listener: GatewayListener, message: GatewayMessage): void {
    try {
      listener(message)
    } catch (error) {
      onListenerError(error)
    }
  }

  return {
    crossProcess: false,
    connected: true,
    send: enqueue,
    publish(conversationId, message) {
      for (const gatewayId of subscribers.get(conversationId) ?? []) enqueue(gatewayId, message)
    },
    broadcast(message) {
      for (const gatewayId of listeners.keys()) enqueue(gatewayId, message)
    },
    listen(gatewayId, listener) {
      const own = listeners.get(gatewayId) ?? new Set<GatewayListener>()
      listeners.set(gatewayId, own)
      own.add(listener)
      return () => {
        own.delete(listener)
        if (own.size === 0) listeners.delete(gatewayId)
      }
    },
    subscribe(gatewayId, conversationId) {
      const gateways = subscribers.get(conversationId) ?? new Set<string>()
      subscribers.set(conversationId, gateways)
      gateways.add(gatewayId)
    },
    unsubscribe(gatewayId, conversationId) {
      const gateways = subscribers.get(conversationId)
      gateways?.delete(gatewayId)
      if (gateways?.size === 0) subscribers.delete(conversationId)
    },
    flush: () => Promise.resolve(),
    watchGaps: () => () => undefined,
  }
}
