import { ChatError } from '@satchel/protocol'
import type {
  AnswersTo,
  OwnerAnswer,
  OwnerQuestion,
  OwnerRequests,
} from '../../ports/owner-requests.ts'
import type { MonotonicClock } from '../../runtime/monotonic-clock.ts'
import type { ServerTelemetry } from '../server-telemetry.ts'
import type { NatsClient } from './nats-client.ts'
import { OwnerLine } from './owner-line.ts'
import { QuestionServer } from './question-server.ts'

export interface NatsOwnerRequestsOptions {
  readonly client: NatsClient
  readonly clock: MonotonicClock
  readonly telemetry: ServerTelemetry
}

/** Of one process, asked and not yet answered; more are refused. */
const MAX_OPEN_QUESTIONS = 10_000

/** Request and reply over NATS core, on a subject for each partition. */
export function openNatsOwnerRequests(options: NatsOwnerRequestsOptions): OwnerRequests {
  const { client, telemetry } = options
  const lines = new Map<number, OwnerLine>()
  let open = 0

  function subjectOf(partition: number): string {
    return `${client.deployment}.owner.${String(partition)}`
  }

  function lineTo(partition: number): OwnerLine {
    const existing = lines.get(partition)
    const line = existing ?? new OwnerLine({ ...options, subject: subjectOf(partition) })
    lines.set(partition, line)
    return line
  }

  return {
    async ask(partition, questions) {
      if (open + questions.length > MAX_OPEN_QUESTIONS)
        throw new ChatError('unavailable', 'As many questions to owners are open as may be')
      open += questions.length
      try {
        const answers = questions.length === 0 ? [] : await lineTo(partition).ask(questions)
        return parseInOrder(questions, answers)
      } finally {
        open -= questions.length
      }
    },
    serve(partition, answer) {
      const server = new QuestionServer(telemetry, answer)
      const subscription = client.connection.subscribe(subjectOf(partition), {
        callback: (error, request) => void server.take(error, request),
      })
      return () => {
        server.end()
        // Whoever's request was on its way is told, and need not wait for an answer.
        subscription.drain().catch(() => undefined)
      }
    },
  }
}

/** Each was read as the answer to its question. */
function parseInOrder<Questions extends readonly OwnerQuestion[]>(
  _questions: Questions,
  answers: readonly OwnerAnswer[],
): AnswersTo<Questions> {
  return answers as AnswersTo<Questions>
}
