import type { JobOutcome } from '../../ports/job-queue.ts'
import type { Timers } from '../../runtime/timers.ts'
import type { JobMessage } from './job-message.ts'
import { JobPull } from './job-pull.ts'
import type { NatsClient } from './nats-client.ts'

export interface JobLaneOptions {
  readonly client: Pick<NatsClient, 'connected' | 'connection' | 'watchReconnects'>
  readonly timers: Timers
  readonly stream: string
  readonly concurrency: number
  /** As the stream's consumer has it. */
  readonly ackWaitMs: number
  /** How long a job waits whose worker rejected. */
  readonly failedDelayMs: number
  readonly work: (message: JobMessage) => Promise<JobOutcome>
  /** Settles when the job is kept aside. */
  readonly bury: (message: JobMessage, reason: string) => Promise<void>
  /** The lane goes on by itself. */
  readonly failed: (error: unknown) => void
}

/** Takes jobs of one kind, each by one worker. */
export class JobLane {
  readonly #options: JobLaneOptions
  readonly #pull: JobPull
  readonly #working = new Set<Promise<void>>()

  constructor(options: JobLaneOptions) {
    const { client, timers, stream } = options
    this.#options = options
    this.#pull = new JobPull({
      ...{ client, timers, stream },
      take: (message) => {
        this.#take(message)
      },
      lapsed: () => {
        this.#fill()
      },
    })
    this.#fill()
  }

  async drain(): Promise<void> {
    try {
      await this.#pull.close()
    } catch {
      // Without a connection nothing more comes.
    }
    await Promise.all(this.#working)
  }

  #fill(): void {
    try {
      this.#pull.want(this.#options.concurrency - this.#working.size)
    } catch (error) {
      // The connection is being closed.
      this.#options.failed(error)
    }
  }

  #take(message: JobMessage): void {
    const work = this.#do(message).then(() => {
      this.#working.delete(work)
      this.#fill()
    })
    this.#working.add(work)
  }

  /** Never rejects: a job whose end the server does not learn of comes again. */
  async #do(message: JobMessage): Promise<void> {
    const endSigns = this.#giveSigns(message)
    try {
      await this.#settle(message, await this.#outcomeOf(message))
    } catch (error) {
      this.#options.failed(error)
    } finally {
      endSigns()
    }
  }

  async #outcomeOf(message: JobMessage): Promise<JobOutcome> {
    try {
      return await this.#options.work(message)
    } catch (error) {
      this.#options.failed(error)
      return { kind: 'retry', delayMs: this.#options.failedDelayMs }
    }
  }

  async #settle(message: JobMessage, outcome: JobOutcome): Promise<void> {
    switch (outcome.kind) {
      case 'done':
        await message.finish()
        return
      case 'retry':
        await message.comeAgain(outcome.delayMs)
        return
      case 'dead':
        // Kept aside first: between the two it is in both places, never in none.
        await this.#options.bury(message, outcome.reason)
        await message.finish()
        return
      default:
        outcome satisfies never
    }
  }

  /** Says now and then that the job is still being worked on. */
  #giveSigns(message: JobMessage): () => void {
    let end: () => void = () => undefined
    const sign = (): void => {
      end = this.#options.timers.after(this.#options.ackWaitMs / 3, () => {
        if (message.stayAway()) sign()
      })
    }
    sign()
    return () => end()
  }
}
