import type { Packr } from 'msgpackr'
import { NatsError, type JetStreamClient, type JetStreamManager, type StoredMsg } from 'nats'
import type { DeadJob } from '../../ports/job-queue.ts'
import { deadJobStreamOf, deadJobSubjectOf } from './job-streams.ts'
import { isTakenAlready } from './job-taken.ts'
import { natsError } from './nats-error.ts'

export interface DeadJobsDeps {
  readonly jetstream: JetStreamClient
  readonly manager: JetStreamManager
  readonly packr: Packr
  readonly deployment: string
}

type Query = { readonly seq: number } | { readonly last_by_subj: string }

const NOT_FOUND = 404

/** Jobs that were given up, until somebody revives them; each once. */
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
      if (!isTakenAlready(error)) throw natsError('keep a dead job', error)
    }
  }

  async read(id: string): Promise<DeadJob | undefined> {
    const message = await this.#read({
      last_by_subj: deadJobSubjectOf(this.#deps.deployment, id),
    })
    return message && this.#parse(message)
  }

  async list(limit: number): Promise<readonly DeadJob[]> {
    const { manager, deployment } = this.#deps
    const { state } = await manager.streams.info(deadJobStreamOf(deployment))
    const jobs: DeadJob[] = []
    for (let seq = state.first_seq; seq <= state.last_seq && jobs.length < limit; seq++) {
      const message = await this.#read({ seq })
      if (message !== undefined) jobs.push(this.#parse(message))
    }
    return jobs
  }

  async remove(id: string): Promise<void> {
    const { manager, deployment } = this.#deps
    const filter = deadJobSubjectOf(deployment, id)
    await manager.streams.purge(deadJobStreamOf(deployment), { filter })
  }

  async #read(query: Query): Promise<StoredMsg | undefined> {
    const { manager, deployment } = this.#deps
    try {
      return await manager.streams.getMessage(deadJobStreamOf(deployment), query)
    } catch (error) {
      if (error instanceof NatsError && error.api_error?.code === NOT_FOUND) return undefined
      throw natsError('look for a dead job', error)
    }
  }

  /** What was written by `add`. */
  #parse({ data }: StoredMsg): DeadJob {
    return this.#deps.packr.unpack(data) as DeadJob
  }
}
