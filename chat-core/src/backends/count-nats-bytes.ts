import type { Metrics } from '../runtime/index.ts'

export interface NatsTraffic {
  stats(): { readonly inBytes: number; readonly outBytes: number }
}

/** Log, jobs, bus and questions together: everything that this process and the others tell each other. */
export function countNatsBytes(metrics: Metrics, connection: NatsTraffic): void {
  metrics.total(
    {
      name: 'satchel_nats_received_bytes_total',
      help: 'Bytes this process has received from NATS since it started.',
    },
    () => connection.stats().inBytes,
  )
  metrics.total(
    {
      name: 'satchel_nats_sent_bytes_total',
      help: 'Bytes this process has sent to NATS since it started.',
    },
    () => connection.stats().outBytes,
  )
}
