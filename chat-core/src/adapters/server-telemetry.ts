/** Servers that adapters call, as labels name them. */
export type ServerName = 'nats' | 'redis' | 'cassandra' | 's3'

/**
 * Whether calls to a server go through: `open` refuses them without trying, `half_open` tries one. A lost
 * connection is `open` as well.
 */
export type BreakerState = 'closed' | 'open' | 'half_open'

/** What is known of a server that is out of reach. */
export interface ServerLoss {
  /** Where it was looked for, without credentials. */
  readonly address?: string | undefined
  /** What was noticed of it, where anything was. */
  readonly cause?: unknown
}

/** What happens between this process and the servers it uses. */
export interface ServerTelemetry {
  called(server: ServerName, elapsedMs: number): void
  /** A call failed. `code`: the driver's or ours, one of few. */
  failed(server: ServerName, code: string): void
  /** Says again what holds already, as often as it is noticed. `loss`: with `open`. */
  breaker(server: ServerName, state: BreakerState, loss?: ServerLoss): void
}
