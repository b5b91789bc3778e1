import { changeAttachment, runConversationJob } from '@satchel/chat-core'
import type { JobConsumer, JobDelivery, JobOutcome } from '@satchel/chat-core/ports'
import type { AttachmentId } from '@satchel/protocol'
import { noteErased } from './note-erased.ts'
import { addHlsVariant } from './pipeline/add-hls-variant.ts'
import { finishAttachment } from './pipeline/finish-attachment.ts'
import { processAttachment } from './pipeline/process-attachment.ts'
import { FfmpegMissing, reprocessBlob } from './pipeline/reprocess-blob.ts'
import { ScanUndecided } from './scanner.ts'
import type { WorkerDeps } from './worker-deps.ts'

const LONGEST_DELAY_MS = 600_000
const RETRY_DELAYS_MS = [5_000, 30_000, 120_000, LONGEST_DELAY_MS] as const
/** The attaching a deletion waits for is in the queue already. */
const LATER_MS = 1_000
const CONVERSATION_JOBS_AT_ONCE = 8

/** Starts taking jobs of every kind; `concurrency` of those that judge bytes at once. */
export function runJobs(deps: WorkerDeps, concurrency: number): JobConsumer {
  const consumers = [
    deps.jobs.consume('conversation_job', { concurrency: CONVERSATION_JOBS_AT_ONCE }, (delivery) =>
      doConversationJob(deps, delivery),
    ),
    deps.jobs.consume('process_attachment', { concurrency }, (delivery) =>
      doProcessing(deps, delivery),
    ),
    // One at a time, whatever waits: it is nice to have, and takes every core there is for minutes.
    deps.jobs.consume('derive_hls', { concurrency: 1 }, (delivery) =>
      doLate(deps, delivery, () => addHlsVariant(deps, delivery.job.attachmentId)),
    ),
    deps.jobs.consume('reprocess_blob', { concurrency: 1 }, (delivery) =>
      doLate(deps, delivery, () => reprocessBlob(deps, delivery.job.blob)),
    ),
  ]
  return {
    async drain() {
      await Promise.all(consumers.map((consumer) => consumer.drain()))
    },
  }
}

async function doConversationJob(
  deps: WorkerDeps,
  { id, job, attempt }: JobDelivery<'conversation_job'>,
): Promise<JobOutcome> {
  try {
    const outcome = await runConversationJob(deps, job.job)
    if (job.job.kind === 'erase_user') await noteErased(deps, job.job)
    return outcome === 'done' ? { kind: 'done' } : { kind: 'retry', delayMs: LATER_MS }
  } catch (error) {
    deps.telemetry.jobFailed(id, attempt, error)
    // What a commit asked for is never given up: bytes would stay, or a message wait for ever.
    return { kind: 'retry', delayMs: patientDelayMs(attempt) }
  }
}

async function doProcessing(
  deps: WorkerDeps,
  delivery: JobDelivery<'process_attachment'>,
): Promise<JobOutcome> {
  const { id, job, attempt } = delivery
  try {
    await processAttachment(deps, job.attachmentId)
    return { kind: 'done' }
  } catch (error) {
    try {
      return await afterFailure(deps, delivery, error)
    } catch {
      // Most often both failed for the same reason: the catalogue is away. It may be back in seconds.
      deps.telemetry.jobFailed(id, attempt, error)
      return { kind: 'retry', delayMs: patientDelayMs(attempt) }
    }
  }
}

async function afterFailure(
  deps: WorkerDeps,
  delivery: JobDelivery<'process_attachment'>,
  error: unknown,
): Promise<JobOutcome> {
  const { id, job, attempt } = delivery
  const patientMs = patientDelayMs(attempt)
  if (error instanceof ScanUndecided) {
    // Without a verdict a file is neither shown nor given up. The machine did its part.
    deps.telemetry.scanUndecided(job.attachmentId, attempt, error)
    await updateFaults(deps, job.attachmentId, () => undefined)
    return { kind: 'retry', delayMs: patientMs }
  }
  const faults = await updateFaults(deps, job.attachmentId, (before = 0) => before + 1)
  // What was judged is told, however long that takes.
  const delayMs = faults === undefined ? patientMs : retryDelayMs(faults)
  if (delayMs === undefined) return giveUp(deps, delivery, error)
  deps.telemetry.jobFailed(id, attempt, error)
  return { kind: 'retry', delayMs }
}

/** What nobody waits for is given up when the machine fails too often, until somebody asks for it again. */
async function doLate(
  deps: WorkerDeps,
  { id, attempt }: Pick<JobDelivery<'derive_hls' | 'reprocess_blob'>, 'id' | 'attempt'>,
  work: () => Promise<void>,
): Promise<JobOutcome> {
  try {
    await work()
    return { kind: 'done' }
  } catch (error) {
    // Another worker may have it: that this one was asked is none of the job's faults.
    const isElsewhere = error instanceof FfmpegMissing
    const delayMs = isElsewhere ? patientDelayMs(attempt) : retryDelayMs(attempt)
    if (delayMs === undefined) {
      deps.telemetry.jobDied(id, error)
      return { kind: 'dead', reason: error instanceof Error ? error.message : String(error) }
    }
    deps.telemetry.jobFailed(id, attempt, error)
    return { kind: 'retry', delayMs }
  }
}

/**
 * Changes the count of faults of an attachment whose bytes are being judged, and gives it; `undefined` when there is
 * no such attachment (any more). It counts the machine's faults, not the tries of its job, which may wait for a scanner.
 */
async function updateFaults(
  deps: WorkerDeps,
  id: AttachmentId,
  count: (before: number | undefined) => number | undefined,
): Promise<number | undefined> {
  const { row } = await changeAttachment(deps, id, (latest) => {
    const faults = count(latest.faults)
    return latest.state === 'processing' && faults !== latest.faults
      ? { ...latest, faults }
      : undefined
  })
  return row?.state === 'processing' ? row.faults : undefined
}

async function giveUp(
  deps: WorkerDeps,
  { id, job }: JobDelivery<'process_attachment'>,
  error: unknown,
): Promise<JobOutcome> {
  const row = await deps.attachments.read(job.attachmentId)
  const finish = { state: 'failed', reason: 'processing_failed' } as const
  if (row !== undefined) await finishAttachment(deps, row, finish)
  deps.telemetry.jobDied(id, error)
  return { kind: 'dead', reason: error instanceof Error ? error.message : String(error) }
}

/** Of what is never given up. */
function patientDelayMs(attempt: number): number {
  return retryDelayMs(attempt) ?? LONGEST_DELAY_MS
}

/** `undefined`: tried often enough. */
function retryDelayMs(attempt: number): number | undefined {
  return RETRY_DELAYS_MS[attempt - 1]
}
