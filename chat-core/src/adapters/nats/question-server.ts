import type { Msg, NatsError } from 'nats'
import type { AnswerQuestions } from '../../ports/owner-requests.ts'
import type { ServerTelemetry } from '../server-telemetry.ts'
import { natsErrorCode } from './nats-error.ts'
import { formatAnswers, parseQuestions } from './owner-question.ts'

/** Of one partition, being answered; whoever asks beyond that is to ask again. */
const MAX_REQUESTS = 64
const NO_ANSWER = new Uint8Array(0)

/** Answers requests; one that cannot be answered gets an empty reply at once. */
export class QuestionServer {
  readonly #telemetry: ServerTelemetry
  readonly #answer: AnswerQuestions
  #requests = 0
  #hasEnded = false

  constructor(telemetry: ServerTelemetry, answer: AnswerQuestions) {
    this.#telemetry = telemetry
    this.#answer = answer
  }

  /** Nobody is asked any more; requests that are on their way are refused. */
  end(): void {
    this.#hasEnded = true
  }

  /** Never rejects. */
  async take(error: NatsError | null, request: Msg): Promise<void> {
    try {
      if (error !== null) throw error
      request.respond(await this.#reply(request.data))
    } catch (failure) {
      // Nobody may listen, or the connection is being closed.
      this.#telemetry.failed('nats', natsErrorCode(failure))
    }
  }

  async #reply(payload: Uint8Array): Promise<Uint8Array> {
    if (this.#hasEnded || this.#requests >= MAX_REQUESTS) return NO_ANSWER
    this.#requests++
    try {
      const questions = parseQuestions(payload)
      return formatAnswers(questions, await this.#answer(questions))
    } catch {
      // Whoever answers tells of its failures; the asker gets none of them to read.
      return NO_ANSWER
    } finally {
      this.#requests--
    }
  }
}
