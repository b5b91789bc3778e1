import { AckPolicy, DiscardPolicy, RetentionPolicy, StorageType, nanos } from 'nats'
import type { Job } from '../../ports/job-queue.ts'
import type { NatsResource } from './nats-resource.ts'

interface JobProvision {
  readonly deployment: string
  readonly replicas: number
  /** `ACK_WAIT_MS` unless given. */
  readonly ackWaitMs?: number | undefined
}

/** A consumer that has not said for so long that it is at work has died. */
export const ACK_WAIT_MS = 30_000
const JOB_KINDS = [
  'conversation_job',
  'process_attachment',
  'derive_hls',
  'reprocess_blob',
] as const satisfies readonly Job['kind'][]
const DUPLICATE_WINDOW_MS = 2_000
/** Of jobs that wait: more than a million of them. Servers reserve what streams may take. */
const MAX_BYTES = 256 * 1024 ** 2
const DEAD_MAX_BYTES = 64 * 1024 ** 2

export const CONSUMER_NAME = 'workers'

export function jobStreamOf(deployment: string, kind: Job['kind']): string {
  return `${deployment}_jobs_${kind}`
}

/** A subject for each id: a stream that takes one message of a subject takes a job once. */
export function jobSubjectOf(deployment: string, kind: Job['kind'], id: string): string {
  return `${deployment}.jobs.${kind}.${tokenOf(id)}`
}

export function deadJobStreamOf(deployment: string): string {
  return `${deployment}_dead_jobs`
}

export function deadJobSubjectOf(deployment: string, id: string): string {
  return `${deployment}.dead_jobs.${tokenOf(id)}`
}

/** Ids may hold what has a meaning in subjects. */
function tokenOf(id: string): string {
  return Buffer.from(id).toString('base64url')
}

/** A work queue for each kind, and what was given up. */
export function describeJobs(provision: JobProvision): readonly NatsResource[] {
  return [...JOB_KINDS.flatMap((kind) => describeKind(provision, kind)), describeDead(provision)]
}

function describeKind(
  { deployment, replicas, ackWaitMs = ACK_WAIT_MS }: JobProvision,
  kind: Job['kind'],
): readonly NatsResource[] {
  const stream = jobStreamOf(deployment, kind)
  return [
    {
      kind: 'stream',
      config: {
        name: stream,
        subjects: [`${deployment}.jobs.${kind}.*`],
        storage: StorageType.File,
        num_replicas: replicas,
        retention: RetentionPolicy.Workqueue,
        discard: DiscardPolicy.New,
        max_msgs_per_subject: 1,
        discard_new_per_subject: true,
        max_bytes: MAX_BYTES,
        duplicate_window: nanos(DUPLICATE_WINDOW_MS),
      },
    },
    {
      kind: 'consumer',
      stream,
      config: {
        durable_name: CONSUMER_NAME,
        ack_policy: AckPolicy.Explicit,
        ack_wait: nanos(ackWaitMs),
        max_deliver: -1,
        max_ack_pending: -1,
      },
    },
  ]
}

function describeDead({ deployment, replicas }: JobProvision): NatsResource {
  return {
    kind: 'stream',
    config: {
      name: deadJobStreamOf(deployment),
      subjects: [`${deployment}.dead_jobs.*`],
      storage: StorageType.File,
      num_replicas: replicas,
      retention: RetentionPolicy.Limits,
      discard: DiscardPolicy.New,
      max_msgs_per_subject: 1,
      max_bytes: DEAD_MAX_BYTES,
    },
  }
}
