import type { Log, Metrics } from '@satchel/chat-core/runtime'
import type { AttachmentId } from '@satchel/protocol'
import type { MissingConfinement } from './sandbox/confinement.ts'

export interface ProcessedFacts {
  readonly state: string
  readonly contentType: string
  /** Why there are no previews, or no bytes. */
  readonly reason?: string | undefined
  readonly tookMs: number
}

/** What a worker tells of itself. */
export interface WorkerTelemetry {
  /** Once at start: what this machine does not confine children with. */
  confinementMissing(missing: readonly MissingConfinement[]): void
  /** Once at start: nothing looks for malware. */
  unscanned(): void
  /** Once at start: without it video and audio are not looked into. */
  ffmpegMissing(): void
  processed(attachmentId: AttachmentId, facts: ProcessedFacts): void
  /** Not the job's fault: it will be tried again. */
  jobFailed(jobId: string, attempt: number, error: unknown): void
  /** The scanner is down or not sure: the file waits, unseen, and will be scanned again. */
  scanUndecided(attachmentId: AttachmentId, attempt: number, error: unknown): void
  /** Upkeep found a file that has had no verdict for longer than judging takes. */
  stillWaiting(attachmentId: AttachmentId): void
  /** Given up: an operator may revive it. */
  jobDied(jobId: string, error: unknown): void
  upkeepFailed(error: unknown): void
}

const SECONDS_BUCKETS = [0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 30, 60] as const

/** What happens in a worker, as its operators learn of it. */
export function createWorkerTelemetry(log: Log, metrics: Metrics): WorkerTelemetry {
  const processed = metrics.counter({
    name: 'satchel_attachments_processed_total',
    help: 'Attachments judged, by what they became.',
    labels: ['state'],
  })
  const seconds = metrics.histogram({
    name: 'satchel_attachment_processing_seconds',
    help: 'Time from taking an upload to its verdict and variants.',
    buckets: SECONDS_BUCKETS,
  })
  const failed = metrics.counter({
    name: 'satchel_media_jobs_failed_total',
    help: 'Tries of media jobs that failed for want of the machine.',
  })
  const died = metrics.counter({
    name: 'satchel_media_jobs_dead_total',
    help: 'Media jobs given up until an operator revives them.',
  })
  const undecided = metrics.counter({
    name: 'satchel_scans_undecided_total',
    help: 'Scans for malware without a certain verdict; the file waits unseen and is scanned again.',
  })
  const waiting = metrics.counter({
    name: 'satchel_attachments_waiting_total',
    help: 'Times upkeep found a complete upload still without a verdict, every five minutes for each.',
  })
  return {
    confinementMissing: (missing) => {
      log.warn({ missing }, 'files are opened with less confinement than is possible elsewhere')
    },
    unscanned: () => log.warn({}, 'uploads are not checked for malware'),
    ffmpegMissing: () => {
      log.warn({}, 'no ffmpeg and ffprobe here: video and audio are handed out as they came')
    },
    processed: (attachmentId, facts) => {
      processed.add(1, { state: facts.state })
      seconds.observe(facts.tookMs / 1_000)
      log.info({ attachmentId, ...facts }, 'attachment processed')
    },
    jobFailed: (jobId, attempt, error) => {
      failed.add(1)
      log.warn({ jobId, attempt, error }, 'media job failed')
    },
    scanUndecided: (attachmentId, attempt, error) => {
      undecided.add(1)
      log.warn({ attachmentId, attempt, error }, 'the scanner has no verdict')
    },
    stillWaiting: (attachmentId) => {
      waiting.add(1)
      log.warn({ attachmentId }, 'attachment still waits for its verdict')
    },
    jobDied: (jobId, error) => {
      died.add(1)
      log.error({ jobId, error }, 'media job given up')
    },
    upkeepFailed: (error) => log.error({ error }, 'upkeep of media failed'),
  }
}
