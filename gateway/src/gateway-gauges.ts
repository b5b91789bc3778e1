import type { Metrics } from '@satchel/chat-core/runtime'

export interface CountedGateway {
  readonly openConnections: { readonly size: number }
  readonly sessions: { readonly size: number }
  readonly unauthenticated: { readonly size: number }
  readonly audiences: { readonly size: number }
  readonly outOfReach: { readonly size: number }
  readonly flusher: {
    readonly waitingBytes: number
    readonly heldCount: number
    readonly lagging: { readonly size: number }
  }
  readonly submitter: { readonly unanswered: number }
  readonly bus: { readonly connected: boolean }
}

/** What a gateway holds at the moment somebody looks. */
export function countGateway(metrics: Metrics, gateway: CountedGateway): void {
  const { openConnections, sessions, unauthenticated, flusher, audiences, outOfReach, submitter } =
    gateway
  metrics.gauge(
    { name: 'satchel_connections', help: 'Connections of every kind, HTTP among them.' },
    () => openConnections.size,
  )
  metrics.gauge({ name: 'satchel_sessions', help: 'Authenticated sockets.' }, () => sessions.size)
  metrics.gauge(
    { name: 'satchel_sockets_unauthenticated', help: 'Sockets that have not said `hello`.' },
    () => unauthenticated.size,
  )
  metrics.gauge(
    { name: 'satchel_conversations_open', help: 'Conversations that sessions here take part in.' },
    () => audiences.size,
  )
  metrics.gauge(
    {
      name: 'satchel_conversations_out_of_reach',
      help: 'Conversations that sessions here wait for, because nobody answers about them.',
    },
    () => outOfReach.size,
  )
  metrics.gauge(
    { name: 'satchel_outbound_waiting_bytes', help: 'Bytes that wait for slow clients.' },
    () => flusher.waitingBytes,
  )
  metrics.gauge(
    {
      name: 'satchel_sockets_held',
      help: 'Busy sockets for which events gather at the moment; see `SATCHEL_BUSY_SOCKET_MS`.',
    },
    () => flusher.heldCount,
  )
  metrics.gauge(
    { name: 'satchel_sessions_lagging_now', help: 'Sessions that take too little at the moment.' },
    () => flusher.lagging.size,
  )
  metrics.gauge(
    { name: 'satchel_commands_unanswered', help: 'Commands appended and not yet answered.' },
    () => submitter.unanswered,
  )
  metrics.gauge(
    {
      name: 'satchel_bus_connected',
      help: '1 while messages can come from other processes, 0 while they cannot.',
    },
    () => (gateway.bus.connected ? 1 : 0),
  )
}
