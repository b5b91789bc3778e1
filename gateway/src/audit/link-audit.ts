import type { GivenLink } from '@satchel/chat-core'
import {
  SettingsError,
  createLog,
  type Log,
  type Metrics,
  type Settings,
} from '@satchel/chat-core/runtime'
import type { UserId } from '@satchel/protocol'
import { AuditFile } from './audit-file.ts'
import { createAuditTelemetry } from './audit-telemetry.ts'

/** The record of who was given a link to what, and until when it holds. */
export interface LinkAudit {
  linksGiven(userId: UserId, given: readonly GivenLink[]): void
  /** Settles when all of it has been written. */
  close(): Promise<void>
}

export interface LinkAuditDeps {
  readonly settings: Pick<Settings, 'auditLog' | 'auditLogBytes'>
  readonly log: Log
  readonly metrics: Metrics
}

/** One line for each request, so that there are never more of them than requests. Throws `SettingsError` when it cannot be written. */
export async function openLinkAudit({ settings, log, metrics }: LinkAuditDeps): Promise<LinkAudit> {
  const telemetry = createAuditTelemetry(log, metrics)
  const { auditLog, auditLogBytes } = settings
  if (auditLog === 'off') return { linksGiven: () => undefined, close: () => Promise.resolve() }
  if (auditLog === 'stdout') return { linksGiven: writer(log), close: () => Promise.resolve() }
  const onLost = (lines: number, error?: unknown): void => telemetry.linesLost(lines, error)
  const file = new AuditFile({ path: auditLog, mostBytes: auditLogBytes, onLost })
  await file.check().catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error)
    throw new SettingsError([`SATCHEL_AUDIT_LOG: ${auditLog} cannot be written: ${why}`])
  })
  return {
    linksGiven: writer(createLog({ logLevel: 'info' }, file)),
    close: () => file.close(),
  }
}

function writer(log: Pick<Log, 'info'>): LinkAudit['linksGiven'] {
  return (userId, given) => log.info({ userId, given }, 'links given')
}
