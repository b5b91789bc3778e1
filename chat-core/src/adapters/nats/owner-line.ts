import { setTimeout } from 'node:timers/promises'
import { ChatError } from '@satchel/protocol'
import type { OwnerAnswer, OwnerQuestion } from '../../ports/owner-requests.ts'
import type { MonotonicClock } from '../../runtime/monotonic-clock.ts'
import type { ServerTelemetry } from '../server-telemetry.ts'
import type { NatsClient } from './nats-client.ts'
import { natsErrorCode } from './nats-error.ts'
import { answerBytesOf, formatQuestions, parseAnswers } from './owner-question.ts'

export interface OwnerLineOptions {
  readonly client: Pick<NatsClient, 'requests'>
  readonly clock: MonotonicClock
  readonly telemetry: ServerTelemetry
  readonly subject: string
}

interface Ask {
  readonly questions: readonly OwnerQuestion[]
  readonly answerBytes: number
  readonly endsAtMs: number
  readonly resolve: (answers: readonly OwnerAnswer[]) => void
  readonly reject: (error: ChatError) => void
  attempts: number
}

/** A hand-over takes a tenth of it. */
const DEADLINE_MS = 2_000
/** An owner that does not answer for so long may be gone: whoever serves then is asked. */
const ATTEMPT_MS = 1_000
/** Doubles with each attempt. */
const FIRST_DELAY_MS = 50
/** On their way to one partition; what is asked meanwhile gathers. */
const MAX_REQUESTS = 8
const MAX_ANSWER_BYTES = 512 * 1024

/** Questions to the owner of one partition. What one turn of the loop asks travels as one request. */
export class OwnerLine {
  readonly #options: OwnerLineOptions
  #waiting: Ask[] = []
  #requests = 0
  #isDue = false

  constructor(options: OwnerLineOptions) {
    this.#options = options
  }

  /** Rejects with `unavailable` unless an owner answers within some two seconds. */
  ask(questions: readonly OwnerQuestion[]): Promise<readonly OwnerAnswer[]> {
    const { resolve, reject, promise } = Promise.withResolvers<readonly OwnerAnswer[]>()
    const answerBytes = questions.reduce((sum, question) => sum + answerBytesOf(question), 0)
    const endsAtMs = this.#options.clock.elapsedMs() + DEADLINE_MS
    this.#waiting.push({ questions, answerBytes, endsAtMs, resolve, reject, attempts: 0 })
    this.#wake()
    return promise
  }

  #wake(): void {
    if (this.#isDue || this.#requests >= MAX_REQUESTS) return
    this.#isDue = true
    setImmediate(() => {
      this.#isDue = false
      while (this.#waiting.length > 0 && this.#requests < MAX_REQUESTS)
        void this.#request(this.#nextBatch())
    })
  }

  #nextBatch(): readonly Ask[] {
    let bytes = 0
    let count = 0
    for (const { answerBytes } of this.#waiting) {
      bytes += answerBytes
      if (count > 0 && bytes > MAX_ANSWER_BYTES) break
      count++
    }
    return this.#waiting.splice(0, count)
  }

  /** Never rejects. */
  async #request(asks: readonly Ask[]): Promise<void> {
    this.#requests++
    try {
      let answers = await this.#exchange(asks.flatMap(({ questions }) => questions))
      for (const { questions, resolve } of asks) {
        resolve(answers.slice(0, questions.length))
        answers = answers.slice(questions.length)
      }
    } catch (error) {
      this.#options.telemetry.failed('nats', natsErrorCode(error))
      void this.#repeat(asks, error)
    }
    this.#requests--
    if (this.#waiting.length > 0) this.#wake()
  }

  async #exchange(questions: readonly OwnerQuestion[]): Promise<readonly OwnerAnswer[]> {
    const { client, clock, telemetry, subject } = this.#options
    const startedMs = clock.elapsedMs()
    const payload = formatQuestions(questions)
    const how = { timeoutMs: ATTEMPT_MS, repeats: true }
    const answer = await client.requests.request(subject, payload, how)
    const answers = parseAnswers(questions, answer)
    telemetry.called('nats', clock.elapsedMs() - startedMs)
    return answers
  }

  /** Asks again a little later, each for as long as there is time; never rejects. */
  async #repeat(asks: readonly Ask[], cause: unknown): Promise<void> {
    const attempts = Math.max(...asks.map((ask) => ++ask.attempts))
    const delayMs = FIRST_DELAY_MS * 2 ** attempts
    const thenMs = this.#options.clock.elapsedMs() + delayMs
    const [inTime, late] = [
      asks.filter(({ endsAtMs }) => endsAtMs > thenMs),
      asks.filter(({ endsAtMs }) => endsAtMs <= thenMs),
    ]
    for (const { reject } of late)
      reject(new ChatError('unavailable', 'No owner answered in time', { cause }))
    if (inTime.length === 0) return
    await setTimeout(delayMs)
    this.#waiting.unshift(...inTime)
    this.#wake()
  }
}
