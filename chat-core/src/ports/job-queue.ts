import type { AttachmentId, BlobKey } from '@satchel/protocol'
import type { ConversationJob } from '../domain/decision.ts'

/** Durable work. Those of the first kind are written by conversations' commits. */
export type Job =
  | { readonly kind: 'conversation_job'; readonly job: ConversationJob }
  /** Bytes of an attachment have arrived: judge them and make variants. */
  | { readonly kind: 'process_attachment'; readonly attachmentId: AttachmentId }
  /** What takes long and can come later: an attachment that is shown already gets HLS beside the rest. */
  | { readonly kind: 'derive_hls'; readonly attachmentId: AttachmentId }
  /** Bytes that are stored, and shown, are described anew: nobody waits for it. */
  | { readonly kind: 'reprocess_blob'; readonly blob: BlobKey }

export interface JobDelivery<Kind extends Job['kind']> {
  readonly id: string
  readonly job: Extract<Job, { readonly kind: Kind }>
  /** 1 the first time, and one more after each `retry`, or death of its consumer where that is another process. */
  readonly attempt: number
}

/** What became of a delivery. */
export type JobOutcome =
  | { readonly kind: 'done' }
  /** Deliver it again, no sooner than in `delayMs`. */
  | { readonly kind: 'retry'; readonly delayMs: number }
  /** Never again of itself: kept aside, with the reason, for an operator. */
  | { readonly kind: 'dead'; readonly reason: string }

export interface JobConsumer {
  /** Takes nothing more; settles when what was taken has its outcome. */
  drain(): Promise<void>
}

export interface DeadJob {
  readonly id: string
  readonly job: Job
  readonly reason: string
}

/**
 * A queue of durable work: at least once, in no promised order.
 *
 * - `enqueue` settles when the job is durable. While a job with this id is queued, being worked on, or
 *   dead, it does nothing.
 * - A job is with one consumer at a time, and is delivered again when its consumer died. A worker that
 *   rejects is taken as `retry`, after a time of the queue's choice.
 * - At most `concurrency` of a consumer's deliveries are in work at once.
 */
export interface JobQueue {
  enqueue(id: string, job: Job): Promise<void>
  consume<Kind extends Job['kind']>(
    kind: Kind,
    options: { readonly concurrency: number },
    work: (delivery: JobDelivery<Kind>) => Promise<JobOutcome>,
  ): JobConsumer
  listDead(limit: number): Promise<readonly DeadJob[]>
  /** Puts a dead job back, as if new; false when there is none of this id. */
  revive(id: string): Promise<boolean>
}
