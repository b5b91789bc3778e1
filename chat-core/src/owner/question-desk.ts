import { ChatError, type ConversationId } from '@satchel/protocol'
import type { ConversationState } from '../domain/conversation-state.ts'
import type { OwnerAnswer, OwnerAnswers, OwnerQuestion } from '../ports/owner-requests.ts'
import type { ConversationLane } from './conversation-lane.ts'
import type { OwnerLife } from './owner-life.ts'

const MAX_OPEN = 1_000

export interface QuestionDeskDeps {
  readonly life: OwnerLife
  readonly takeLane: (id: ConversationId) => ConversationLane
  /** The lane may have grown by what it had to load. */
  readonly settleLane: (lane: ConversationLane) => void
}

/** Answers what others ask the owner of a partition, from what is committed. */
export class QuestionDesk {
  readonly #deps: QuestionDeskDeps
  #open = 0

  constructor(deps: QuestionDeskDeps) {
    this.#deps = deps
  }

  /** In the order asked. Rejects with `unavailable` when one of them cannot be answered, and when too many are open. */
  async answer(questions: readonly OwnerQuestion[]): Promise<readonly OwnerAnswer[]> {
    // A lane made now would be there for whoever owns the partition next.
    if (this.#deps.life.ended) throw new ChatError('unavailable', 'the owner has let go')
    if (this.#open + questions.length > MAX_OPEN)
      throw new ChatError('unavailable', `the owner answers ${MAX_OPEN} questions at once at most`)
    this.#open += questions.length
    try {
      // What is known at once would be older than what is answered in turn.
      const isHeads = questions.every(({ ask }) => ask === 'head')
      return await Promise.all(questions.map((question) => this.#answerOne(question, isHeads)))
    } finally {
      this.#open -= questions.length
    }
  }

  async #answerOne(question: OwnerQuestion, atOnce: boolean): Promise<OwnerAnswer> {
    const lane = this.#deps.takeLane(question.conversationId)
    if (atOnce && lane.view !== undefined) return lane.view.head
    const asked = Promise.withResolvers<OwnerAnswer>()
    lane.ask({
      answer: (state) => {
        asked.resolve(state === undefined ? answerWithout(question) : answerFrom(state, question))
      },
      refuse: asked.reject,
    })
    void lane.run()
    const answer = await asked.promise
    this.#deps.settleLane(lane)
    return answer
  }
}

function answerWithout({ ask }: OwnerQuestion): OwnerAnswer {
  return ask === 'members' ? [] : undefined
}

function answerFrom(state: ConversationState, question: OwnerQuestion): OwnerAnswer {
  switch (question.ask) {
    case 'head':
      return state.head
    case 'overview':
      return { head: state.head, details: state.details, pins: state.pins }
    case 'member':
      return state.members.get(question.userId)
    case 'members':
      return membersAfter(state, question)
    default:
      return question satisfies never
  }
}

function membersAfter(
  { members }: ConversationState,
  { after, limit }: Extract<OwnerQuestion, { readonly ask: 'members' }>,
): OwnerAnswers['members'] {
  return [...members]
    .filter(([userId]) => after === undefined || userId > after)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .slice(0, limit)
    .map(([userId, row]) => ({ userId, ...row }))
}
