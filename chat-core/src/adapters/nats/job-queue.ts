import { Packr } from 'msgpackr'
import type { Job, JobConsumer, JobDelivery, JobOutcome, JobQueue } from '../../ports/job-queue.ts'
import type { Timers } from '../../runtime/timers.ts'
import type { ServerTelemetry } from '../server-telemetry.ts'
import { DeadJobs } from './dead-jobs.ts'
import { JobLane } from './job-lane.ts'
import { ACK_WAIT_MS, jobStreamOf, jobSubjectOf } from './job-streams.ts'
import { isTakenAlready } from './job-taken.ts'
import type { NatsClient } from './nats-client.ts'
import { natsError, natsErrorCode } from './nats-error.ts'
import { openManager } from './nats-resource.ts'

export interface NatsJobQueueOptions {
  readonly client: Pick<NatsClient, 'connection' | 'deployment'>
  readonly timers: Timers
  readonly telemetry: ServerTelemetry
  /** How long a job waits whose worker rejected; 5 s unless given. */
  readonly failedDelayMs?: number | undefined
  /** As it was provisioned. */
  readonly ackWaitMs?: number | undefined
}

const TIMEOUT_MS = 5_000
const FAILED_DELAY_MS = 5_000

/**
 * Work queues on JetStream, a stream for each kind. A job's subject is its id, and a stream keeps one
 * message of a subject: what is queued or in work is refused there, what is done can come again.
 */
export async function openNatsJobQueue(options: NatsJobQueueOptions): Promise<JobQueue> {
  const { client, timers, telemetry, failedDelayMs = FAILED_DELAY_MS } = options
  const { ackWaitMs = ACK_WAIT_MS } = options
  const { connection, deployment } = client
  const jetstream = connection.jetstream({ timeout: TIMEOUT_MS })
  const packr = new Packr({ useRecords: false })
  const dead = new DeadJobs({ jetstream, manager: await openManager(client), packr, deployment })

  async function publish(id: string, job: Job): Promise<void> {
    const queued: Queued = { id, job }
    try {
      await jetstream.publish(jobSubjectOf(deployment, job.kind, id), packr.pack(queued))
    } catch (error) {
      if (isTakenAlready(error)) return
      telemetry.failed('nats', natsErrorCode(error))
      throw natsError('take a job', error)
    }
  }

  return {
    async enqueue(id, job) {
      if ((await dead.read(id)) === undefined) await publish(id, job)
    },
    consume<Kind extends Job['kind']>(
      kind: Kind,
      { concurrency }: { readonly concurrency: number },
      work: (delivery: JobDelivery<Kind>) => Promise<JobOutcome>,
    ): JobConsumer {
      return new JobLane({
        ...{ jetstream, timers, concurrency, failedDelayMs, ackWaitMs },
        isClosed: () => connection.isClosed(),
        stream: jobStreamOf(deployment, kind),
        work: async ({ data, info }) =>
          work({ ...parseQueued<Kind>(packr, data), attempt: info.deliveryCount }),
        bury: ({ data }, reason) => dead.add({ ...parseQueued(packr, data), reason }),
        failed: (error) => telemetry.failed('nats', natsErrorCode(error)),
      })
    },
    listDead: (limit) => dead.list(limit),
    async revive(id) {
      const job = await dead.read(id)
      if (job === undefined) return false
      // In this order: between the two it is in both places, never in none.
      await publish(id, job.job)
      await dead.remove(id)
      return true
    },
  }
}

interface Queued<Kind extends Job['kind'] = Job['kind']> {
  readonly id: string
  readonly job: Extract<Job, { readonly kind: Kind }>
}

/** What this queue itself has written; a stream holds jobs of its kind only. */
function parseQueued<Kind extends Job['kind']>(packr: Packr, bytes: Uint8Array): Queued<Kind> {
  return packr.unpack(bytes) as Queued<Kind>
}
