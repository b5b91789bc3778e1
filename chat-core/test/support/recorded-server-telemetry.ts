import type {
  BreakerState,
  ServerLoss,
  ServerName,
  ServerTelemetry,
} from '../../src/adapters/server-telemetry.ts'

/** What adapters told of their servers, in order. */
export class RecordedServerTelemetry implements ServerTelemetry {
  readonly calls: ServerName[] = []
  readonly failures: { readonly server: ServerName; readonly code: string }[] = []
  readonly breakers: { readonly server: ServerName; readonly state: BreakerState }[] = []
  /** What was said with each `open`. */
  readonly losses: ServerLoss[] = []

  called(server: ServerName): void {
    this.calls.push(server)
  }

  failed(server: ServerName, code: string): void {
    this.failures.push({ server, code })
  }

  breaker(server: ServerName, state: BreakerState, loss?: ServerLoss): void {
    this.breakers.push({ server, state })
    if (loss !== undefined) this.losses.push(loss)
  }
}
