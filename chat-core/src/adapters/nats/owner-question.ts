import {
  ChatError,
  LIMITS,
  conversationDetails,
  conversationId,
  schema,
  seq,
  userId,
  type Schema,
} from '@satchel/protocol'
import type { OwnerAnswer, OwnerAnswers, OwnerQuestion } from '../../ports/owner-requests.ts'
import { headRow, memberRow } from '../row-schemas.ts'
import { pack, unpack } from './packed.ts'

const { integer, list, map, optional, tuple } = schema

export const MAX_MEMBERS_ASKED = 1_000

const overview = map({
  head: headRow,
  details: conversationDetails,
  pins: list(seq, LIMITS.pinsPerConversation),
})

/** Questions travel as their name, then these fields by position. */
const QUESTIONS = {
  head: tuple({ conversationId }, 'question'),
  overview: tuple({ conversationId }, 'question'),
  member: tuple({ conversationId, userId }, 'question'),
  members: tuple(
    { conversationId, limit: integer(0, MAX_MEMBERS_ASKED), after: optional(userId) },
    'question',
  ),
} as const

const ANSWERS: { readonly [Ask in keyof OwnerAnswers]: Schema<OwnerAnswers[Ask]> } = {
  head: optional(headRow),
  overview: optional(overview),
  member: optional(memberRow),
  members: list(map({ userId, ...memberRow.fields }), MAX_MEMBERS_ASKED),
}

/** About what the answer takes on the wire at most. */
export function answerBytesOf(question: OwnerQuestion): number {
  if (question.ask === 'members') return 200 * question.limit
  return question.ask === 'overview' ? 8_192 : 512
}

// Ids stay the text they are in memory, as in gateway messages.

export function formatQuestions(questions: readonly OwnerQuestion[]): Uint8Array {
  return pack(
    questions.map((question) =>
      QUESTIONS[question.ask].formatInto([question.ask], question, 'json'),
    ),
  )
}

/** Throws a `ChatError` for what is no list of questions that this version knows. */
export function parseQuestions(payload: Uint8Array): readonly OwnerQuestion[] {
  return unpack(payload).map((value): OwnerQuestion => {
    const fields: readonly unknown[] = Array.isArray(value) ? value : []
    const [ask] = fields
    switch (ask) {
      case 'head':
      case 'overview':
        return { ask, ...QUESTIONS[ask].parseInto({}, fields, 1, 'json') }
      case 'member':
        return { ask, ...QUESTIONS.member.parseInto({}, fields, 1, 'json') }
      case 'members':
        return { ask, after: undefined, ...QUESTIONS.members.parseInto({}, fields, 1, 'json') }
      default:
        throw new ChatError('bad_frame', 'a question that is not known here')
    }
  })
}

/** `answers` in the order of the questions. */
export function formatAnswers(
  questions: readonly OwnerQuestion[],
  answers: readonly OwnerAnswer[],
): Uint8Array {
  return pack(
    questions.map(({ ask }, index) => {
      const answer: Schema<OwnerAnswer> = ANSWERS[ask]
      return answer.format(answers[index], 'json')
    }),
  )
}

/** Throws a `ChatError` for what does not answer these questions. */
export function parseAnswers(
  questions: readonly OwnerQuestion[],
  payload: Uint8Array,
): readonly OwnerAnswer[] {
  const values = unpack(payload)
  if (values.length !== questions.length)
    throw new ChatError('bad_frame', 'as many answers as questions were expected')
  return questions.map(({ ask }, index) => ANSWERS[ask].parse(values[index], 'json'))
}
