import type { Erasure, UploadRequest } from '@satchel/chat-core/ports'
import type { Log, Metrics } from '@satchel/chat-core/runtime'
import type { AttachmentId, BlobKey } from '@satchel/protocol'
import type { BlobHealth } from './integrity/check-blob.ts'
import type { MissingConfinement } from './sandbox/confinement.ts'
import { createWorkerMetrics } from './worker-metrics.ts'

export interface ProcessedFacts {
  readonly state: string
  readonly contentType: string
  /** Why there are no previews, or no bytes. */
  readonly reason?: string | undefined
  readonly tookMs: number
}

export interface HlsFacts {
  readonly state: 'made' | 'refused'
  readonly reason?: string | undefined
  readonly tookMs: number
}

export interface ReprocessedFacts {
  readonly contentType: string
  readonly reason?: string | undefined
  /** That say something else now. */
  readonly attachments: number
  readonly tookMs: number
}

/** What a worker tells of itself. */
export interface WorkerTelemetry {
  /** Once at start: what this machine does not confine children with. */
  confinementMissing(missing: readonly MissingConfinement[]): void
  /** Once at start: nothing looks for malware. */
  unscanned(): void
  /** Once at start: it is there, and does not start where children run it. */
  ffmpegUnusable(error: unknown): void
  /** Once at start: without it video and audio are not looked into. */
  ffmpegMissing(): void
  processed(attachmentId: AttachmentId, facts: ProcessedFacts): void
  /** HLS of an attachment that is shown already. */
  hlsMade(attachmentId: AttachmentId, facts: HlsFacts): void
  /** Bytes that were shown already were described anew. */
  reprocessed(blob: BlobKey, facts: ReprocessedFacts): void
  /** What these versions of the pipeline had made of a blob is gone. */
  formerRetired(blob: BlobKey, versions: readonly number[]): void
  /** Edges had refused a blob that lives, or had a mark of one that is gone. */
  markRemoved(blob: BlobKey): void
  /** Not the job's fault: it will be tried again. */
  jobFailed(jobId: string, attempt: number, error: unknown): void
  /** The scanner is down or not sure: the file waits, unseen, and will be scanned again. */
  scanUndecided(attachmentId: AttachmentId, attempt: number, error: unknown): void
  /** Upkeep found a file that has had no verdict for longer than judging takes. */
  stillWaiting(attachmentId: AttachmentId): void
  /** The daily look at a part of all bytes came to these. */
  bytesChecked(blob: BlobKey, health: BlobHealth): void
  /** A file has reached the age at which files go. */
  retentionOver(attachmentId: AttachmentId): void
  /** Nothing is left to be done for an erased user. */
  userErased(erasure: Erasure): void
  /** An original was moved to the colder class. */
  blobCooled(blob: BlobKey): void
  /** Once at start: files are to be moved, and the store has nowhere to. */
  tieringMissing(): void
  /** What was asked about an upload met a fault that nobody foresaw. */
  uploadFault(request: UploadRequest['type'], error: unknown): void
  /** Given up: an operator may revive it. */
  jobDied(jobId: string, error: unknown): void
  upkeepFailed(error: unknown): void
}

/** What happens in a worker, as its operators learn of it. */
export function createWorkerTelemetry(log: Log, metrics: Metrics): WorkerTelemetry {
  const counts = createWorkerMetrics(metrics)
  metrics.plays('media-worker')
  counts.hls.expect([{ state: 'made' }, { state: 'refused' }])
  counts.processed.expect([{ state: 'ready' }, { state: 'rejected' }])
  counts.checked.expect([{ health: 'sound' }, { health: 'restored' }, { health: 'damaged' }])
  const { processed, seconds, hls, failed, died, undecided, waiting, checked, retired } = counts
  return {
    ...tellAtStart(log),
    processed: (attachmentId, facts) => {
      processed.add(1, { state: facts.state })
      seconds.observe(facts.tookMs / 1_000)
      log.info({ attachmentId, ...facts }, 'attachment processed')
    },
    hlsMade: (attachmentId, facts) => {
      hls.add(1, { state: facts.state })
      log.info(
        { attachmentId, ...facts },
        facts.state === 'made' ? 'HLS made' : 'no HLS of this file',
      )
    },
    reprocessed: (blob, facts) => {
      counts.reprocessed.add(1)
      log.info({ blob, ...facts }, 'blob described anew')
    },
    formerRetired: (blob, versions) => {
      log.info({ blob, versions }, 'outputs of former pipelines removed')
    },
    markRemoved: (blob) => log.warn({ blob }, 'a mark of a deletion was left over'),
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
    bytesChecked: (blob, health) => {
      checked.add(1, { health })
      if (health === 'restored') log.warn({ blob }, 'bytes were damaged, and restored')
      if (health === 'damaged') log.error({ blob }, 'bytes are damaged, or gone')
    },
    retentionOver: (attachmentId) => {
      retired.add(1)
      log.info({ attachmentId }, 'attachment is as old as files may become')
    },
    blobCooled: () => counts.cooled.add(1),
    userErased: (erasure) => log.info({ ...erasure }, 'user erased'),
    uploadFault: (request, error) => log.error({ request, error }, 'upload request failed'),
    jobDied: (jobId, error) => {
      died.add(1)
      log.error({ jobId, error }, 'media job given up')
    },
    upkeepFailed: (error) => log.error({ error }, 'upkeep of media failed'),
  }
}

type StartTelemetry = Pick<
  WorkerTelemetry,
  'confinementMissing' | 'unscanned' | 'ffmpegMissing' | 'ffmpegUnusable' | 'tieringMissing'
>

function tellAtStart(log: Log): StartTelemetry {
  return {
    confinementMissing: (missing) => {
      log.warn({ missing }, 'files are opened with less confinement than is possible elsewhere')
    },
    unscanned: () => log.warn({}, 'uploads are not checked for malware'),
    ffmpegMissing: () => {
      log.warn({}, 'no ffmpeg and ffprobe here: video and audio are handed out as they came')
    },
    ffmpegUnusable: (error) => {
      log.error(
        { error },
        'ffmpeg does not start in the sandbox: video and audio are handed out as they came',
      )
    },
    tieringMissing: () =>
      log.warn({}, 'SATCHEL_TIERING_DAYS is set, and this store has one class only'),
  }
}
