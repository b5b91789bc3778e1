import type { Log, Metrics } from '@satchel/chat-core/runtime'

/** What goes wrong with the audit, as operators learn of it. */
export interface AuditTelemetry {
  /** Lines that could not be written; without an error because too many waited. */
  linesLost(lines: number, error: unknown): void
}

export function createAuditTelemetry(log: Log, metrics: Metrics): AuditTelemetry {
  const lost = metrics.counter({
    name: 'satchel_audit_lines_lost_total',
    help: 'Lines of the audit log that could not be written.',
  })
  return {
    linesLost(lines, error) {
      lost.add(lines)
      log.error({ lines, error }, 'lines of the audit log are lost')
    },
  }
}
