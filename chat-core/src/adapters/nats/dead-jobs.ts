import type { Packr } from 'msgpackr'
import type { JetStreamClient, JetStreamManager, StoredMsg } from 'nats'
import type { DeadJob } from '../../ports/job-queue.ts'
import { deadJobStreamOf, deadJobSubjectOf } from './job-streams.ts'
import { natsError } from './nats-error.ts'
import { readStoredMessage, type StoredMessageQuery } from './stored-message.ts'

export interface DeadJobsDeps {
  readonly jetstream: JetStreamClient
  readonly manager: JetStreamManager
  readonly packr: Packr
  readonly deployment: string
}

/** A dead job, and the number of its message: whoever dies again gets a greater one. */
export interface FoundDeadJob {
  readonly dead: DeadJob
  readonly seq: number
}

/** Jobs that were given up, until somebody revives them; of each id the latest. */
export class DeadJobs {
  readonly #deps: DeadJobsDeps

  constructor(deps: DeadJobsDeps) {
    this.#deps = deps
  }

  async add(dead: DeadJob): Promise<void> {
    const { jetstream, packr, deployment } = this.#deps
    try {
      await jetstream.publish(deadJobSubjectOf(deployment, dead.id), packr.pack(dead))
    } catch (error) {
      throw natsError('keep a dead job', error)
    }
  }

  read(id: string): Promise<FoundDeadJob | undefined> {
    return this.#read({ last_by_subj: deadJobSubjectOf(this.#deps.deployment, id) })
  }

  /** The longest dead first. */
  async list(limit: number): Promise<readonly DeadJob[]> {
    const jobs: DeadJob[] = []
    const next_by_subj = `${this.#deps.deployment}.dead_jobs.*`
    for (let seq = 1; jobs.length < limit;) {
      const found = await this.#read({ seq, next_by_subj })
      if (found === undefined) break
      jobs.push(found.dead)
      seq = found.seq + 1
    }
    return jobs
  }

  /** Unless it has died again since. */
  async remove(id: string, seq: number): Promise<void> {
    const { manager, deployment } = this.#deps
    const filter = deadJobSubjectOf(deployment, id)
    try {
      await manager.streams.purge(deadJobStreamOf(deployment), { filter, seq: seq + 1 })
    } catch (error) {
      throw natsError('forget a dead job', error)
    }
  }

  async #read(query: StoredMessageQuery): Promise<FoundDeadJob | undefined> {
    const { manager, deployment } = this.#deps
    try {
      const message = await readStoredMessage(manager, deadJobStreamOf(deployment), query)
      return message && this.#parse(message)
    } catch (error) {
      throw natsError('look for a dead job', error)
    }
  }

  /** What was written by `add`. */
  #parse({ data, seq }: StoredMsg): FoundDeadJob {
    return { dead: this.#deps.packr.unpack(data) as DeadJob, seq }
  }
}
