import type { AttachmentId } from '@satchel/protocol'
import type { MissingConfinement } from './sandbox/confinement.ts'

/** What a worker tells of itself, each a log line and a metric. */
export interface WorkerTelemetry {
  /** Once at start: what this machine does not confine children with. */
  confinementMissing(missing: readonly MissingConfinement[]): void
  /** `reason`: why there are no previews, or no bytes. */
  processed(
    attachmentId: AttachmentId,
    facts: {
      readonly state: string
      readonly contentType: string
      readonly reason?: string | undefined
      readonly tookMs: number
    },
  ): void
  /** Not the job's fault: it will be tried again. */
  jobFailed(jobId: string, attempt: number, error: unknown): void
  /** Given up: an operator may revive it. */
  jobDied(jobId: string, error: unknown): void
  upkeepFailed(error: unknown): void
}
