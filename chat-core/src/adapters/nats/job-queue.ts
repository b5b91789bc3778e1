import { ChatError } from '@satchel/protocol'
import { Packr } from 'msgpackr'
import {
  headers,
  type JetStreamClient,
  type JetStreamManager,
  type MsgHdrs,
  type StoredMsg,
} from 'nats'
import type {
  DeadJob,
  Job,
  JobConsumer,
  JobDelivery,
  JobOutcome,
  JobQueue,
} from '../../ports/job-queue.ts'
import type { Timers } from '../../runtime/timers.ts'
import type { ServerTelemetry } from '../server-telemetry.ts'
import { DeadJobs, type FoundDeadJob } from './dead-jobs.ts'
import { JobLane } from './job-lane.ts'
import { ACK_WAIT_MS, jobStreamOf, jobSubjectOf } from './job-streams.ts'
import { isTakenAlready } from './job-taken.ts'
import type { NatsClient } from './nats-client.ts'
import { natsError, natsErrorCode } from './nats-error.ts'
import { openManager } from './nats-resource.ts'
import { readStoredMessage } from './stored-message.ts'

export interface NatsJobQueueOptions {
  readonly client: Pick<NatsClient, 'connection' | 'connected' | 'deployment' | 'watchReconnects'>
  readonly timers: Timers
  readonly telemetry: ServerTelemetry
  /** How long a job waits whose worker rejected; 5 s unless given. */
  readonly failedDelayMs?: number | undefined
  /** As it was provisioned. */
  readonly ackWaitMs?: number | undefined
}

const TIMEOUT_MS = 5_000
const FAILED_DELAY_MS = 5_000

/** Of messages that were put back from among the dead: the number of the death that no longer counts. */
const REVIVED_HEADER = 'Satchel-Revived'
const REVIVE_ATTEMPTS = 3

/**
 * Work queues on JetStream, a stream for each kind. A job's subject is its id, and a stream keeps one message of a
 * subject: what is queued or in work is refused there, what is done can come again. What is dead is found out
 * when it would be worked on: so whoever enqueues waits for one answer only, and nothing slips through while
 * a job is being buried.
 */
class NatsJobQueue implements JobQueue {
  readonly #options: NatsJobQueueOptions
  readonly #manager: JetStreamManager
  readonly #jetstream: JetStreamClient
  readonly #packr = new Packr({ useRecords: false })
  readonly #dead: DeadJobs

  constructor(options: NatsJobQueueOptions, manager: JetStreamManager) {
    const { connection, deployment } = options.client
    this.#options = options
    this.#manager = manager
    this.#jetstream = connection.jetstream({ timeout: TIMEOUT_MS })
    const [jetstream, packr] = [this.#jetstream, this.#packr]
    this.#dead = new DeadJobs({ jetstream, manager, packr, deployment })
  }

  async enqueue(id: string, job: Job): Promise<void> {
    await this.#publish(id, job)
  }

  consume<Kind extends Job['kind']>(
    kind: Kind,
    { concurrency }: { readonly concurrency: number },
    work: (delivery: JobDelivery<Kind>) => Promise<JobOutcome>,
  ): JobConsumer {
    const { client, timers, telemetry } = this.#options
    return new JobLane({
      ...{ client, timers, concurrency },
      ackWaitMs: this.#options.ackWaitMs ?? ACK_WAIT_MS,
      failedDelayMs: this.#options.failedDelayMs ?? FAILED_DELAY_MS,
      stream: jobStreamOf(client.deployment, kind),
      work: async (message) => {
        const { id, job } = parseQueued<Kind>(this.#packr, message.data)
        if (await this.#isDead(id, message.headers)) return { kind: 'done' }
        return work({ id, job, attempt: message.attempt })
      },
      bury: ({ data }, reason) => this.#dead.add({ ...parseQueued(this.#packr, data), reason }),
      failed: (error) => {
        telemetry.failed('nats', natsErrorCode(error))
      },
    })
  }

  listDead(limit: number): Promise<readonly DeadJob[]> {
    return this.#dead.list(limit)
  }

  async revive(id: string): Promise<boolean> {
    const found = await this.#dead.read(id)
    if (found === undefined) return false
    // In this order: between the two it is in both places, never in none.
    await this.#putBack(id, found)
    await this.#dead.remove(id, found.seq)
    return true
  }

  async #isDead(id: string, marks: MsgHdrs | undefined): Promise<boolean> {
    const found = await this.#dead.read(id)
    return found !== undefined && found.seq > revivedDeathOf(marks)
  }

  /** In the place of what may be queued under this id, which nobody would work on. */
  async #putBack(id: string, { dead: { job }, seq }: FoundDeadJob): Promise<void> {
    const marks = headers()
    marks.set(REVIVED_HEADER, String(seq))
    for (let attempt = 0; attempt < REVIVE_ATTEMPTS; attempt++) {
      if (await this.#publish(id, job, marks)) return
      const queued = await this.#readQueued(id, job.kind)
      // Somebody else has put it back.
      if (queued !== undefined && revivedDeathOf(queued.header) >= seq) return
      if (queued !== undefined) await this.#removeQueued(id, job.kind, queued.seq)
    }
    throw new ChatError('unavailable', 'The job is being enqueued over and over')
  }

  async #readQueued(id: string, kind: Job['kind']): Promise<StoredMsg | undefined> {
    const { deployment } = this.#options.client
    const subject = jobSubjectOf(deployment, kind, id)
    try {
      const query = { last_by_subj: subject }
      return await readStoredMessage(this.#manager, jobStreamOf(deployment, kind), query)
    } catch (error) {
      throw natsError('look for a queued job', error)
    }
  }

  async #removeQueued(id: string, kind: Job['kind'], seq: number): Promise<void> {
    const { deployment } = this.#options.client
    const filter = jobSubjectOf(deployment, kind, id)
    try {
      const upTo = { filter, seq: seq + 1 }
      await this.#manager.streams.purge(jobStreamOf(deployment, kind), upTo)
    } catch (error) {
      throw natsError('make room for a revived job', error)
    }
  }

  /** False when a job of this id is queued or in work. */
  async #publish(id: string, job: Job, marks?: MsgHdrs): Promise<boolean> {
    const { client, telemetry } = this.#options
    // What is published then is dropped, and would be waited for.
    if (!client.connected) throw natsError('be reached to take a job', undefined)
    const queued: Queued = { id, job }
    try {
      const subject = jobSubjectOf(client.deployment, job.kind, id)
      await this.#jetstream.publish(subject, this.#packr.pack(queued), {
        ...(marks !== undefined && { headers: marks }),
      })
      return true
    } catch (error) {
      if (isTakenAlready(error)) return false
      telemetry.failed('nats', natsErrorCode(error))
      throw natsError('take a job', error)
    }
  }
}

export async function openNatsJobQueue(options: NatsJobQueueOptions): Promise<JobQueue> {
  return new NatsJobQueue(options, await openManager(options.client))
}

interface Queued<Kind extends Job['kind'] = Job['kind']> {
  readonly id: string
  readonly job: Extract<Job, { readonly kind: Kind }>
}

/** 0 of a job that was enqueued. */
function revivedDeathOf(marks: MsgHdrs | undefined): number {
  return Number(marks?.get(REVIVED_HEADER) ?? '')
}

/** What this queue itself has written; a stream holds jobs of its kind only. */
function parseQueued<Kind extends Job['kind']>(packr: Packr, bytes: Uint8Array): Queued<Kind> {
  return packr.unpack(bytes) as Queued<Kind>
}
