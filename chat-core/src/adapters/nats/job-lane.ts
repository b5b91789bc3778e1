import type { ConsumerMessages, JetStreamClient, JsMsg } from 'nats'
import type { JobOutcome } from '../../ports/job-queue.ts'
import type { Timers } from '../../runtime/timers.ts'
import { CONSUMER_NAME } from './job-streams.ts'

export interface JobLaneOptions {
  readonly jetstream: JetStreamClient
  /** The connection is closed for good: somebody else takes what is here. */
  readonly isClosed: () => boolean
  readonly timers: Timers
  readonly stream: string
  readonly concurrency: number
  /** As the stream's consumer has it. */
  readonly ackWaitMs: number
  /** How long a job waits whose worker rejected. */
  readonly failedDelayMs: number
  readonly work: (message: JsMsg) => Promise<JobOutcome>
  /** Settles when the job is kept aside. */
  readonly bury: (message: JsMsg, reason: string) => Promise<void>
  /** The lane goes on by itself. */
  readonly failed: (error: unknown) => void
}

const PULL_EXPIRES_MS = 30_000
const RETRY_MS = 1_000

/** Takes jobs of one kind: as many pull requests as there are free hands, so that none waits here. */
export class JobLane {
  readonly #options: JobLaneOptions
  readonly #pulls = new Set<ConsumerMessages>()
  readonly #working = new Set<Promise<void>>()
  #draining = false

  constructor(options: JobLaneOptions) {
    this.#options = options
    for (let hand = 0; hand < options.concurrency; hand++) void this.#run()
  }

  async drain(): Promise<void> {
    this.#draining = true
    for (const pull of this.#pulls) pull.stop()
    await Promise.all(this.#working)
  }

  async #run(): Promise<void> {
    while (!this.#draining && !this.#options.isClosed()) {
      try {
        await this.#takeOne()
      } catch (error) {
        await this.#pauseAfter(error)
      }
    }
  }

  async #pauseAfter(error: unknown): Promise<void> {
    if (this.#draining || this.#options.isClosed()) return
    this.#options.failed(error)
    await new Promise<void>((resolve) => void this.#options.timers.after(RETRY_MS, resolve))
  }

  async #takeOne(): Promise<void> {
    const { jetstream, stream } = this.#options
    const consumer = await jetstream.consumers.get(stream, CONSUMER_NAME)
    const pull = await consumer.fetch({ max_messages: 1, expires: PULL_EXPIRES_MS })
    this.#pulls.add(pull)
    if (this.#draining) pull.stop()
    try {
      for await (const message of pull) {
        // What comes too late goes to the next consumer.
        if (this.#draining) message.nak()
        else await this.#keepTrackOf(this.#do(message))
      }
    } finally {
      this.#pulls.delete(pull)
    }
  }

  async #keepTrackOf(work: Promise<void>): Promise<void> {
    this.#working.add(work)
    try {
      await work
    } finally {
      this.#working.delete(work)
    }
  }

  async #do(message: JsMsg): Promise<void> {
    const endSigns = this.#giveSigns(message)
    try {
      await this.#settle(message, await this.#options.work(message))
    } catch (error) {
      this.#options.failed(error)
      message.nak(this.#options.failedDelayMs)
    } finally {
      endSigns()
    }
  }

  async #settle(message: JsMsg, outcome: JobOutcome): Promise<void> {
    switch (outcome.kind) {
      case 'done':
        await message.ackAck()
        return
      case 'retry':
        message.nak(outcome.delayMs)
        return
      case 'dead':
        // Kept aside first: between the two it is in both places, never in none.
        await this.#options.bury(message, outcome.reason)
        await message.ackAck()
        return
      default:
        outcome satisfies never
    }
  }

  /** Says now and then that the job is still being worked on. */
  #giveSigns(message: JsMsg): () => void {
    let end: () => void = () => undefined
    const sign = (): void => {
      end = this.#options.timers.after(this.#options.ackWaitMs / 3, () => {
        if (this.#options.isClosed()) return
        message.working()
        sign()
      })
    }
    sign()
    return () => end()
  }
}
