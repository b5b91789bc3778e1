/** Servers that adapters call, as labels name them. */
export type ServerName = 'nats' | 'redis' | 'cassandra' | 's3'

/**
 * Whether calls to a server go through: `open` refuses them without trying, `half_open` tries one. A lost
 * connection is `open` as well.
 */
export type BreakerState = 'closed' | 'open' | 'half_open'

/** What happens between this process and the servers it uses. */
export interface ServerTelemetry {
  called(server: ServerName, elapsedMs: number): void
  /** A call failed. `code`: the driver's or ours, one of few. */
  failed(server: ServerName, code: string): void
  breaker(server: ServerName, state: BreakerState): void
}
