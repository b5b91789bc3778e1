import type { ConversationId, UserId } from '@satchel/protocol'
import type { HeadRow, MemberRow } from '../domain/conversation-state.ts'
import type { ConversationOverview } from './members.ts'

/** What only the owner of a conversation can say, since nobody else may read its rows. */
export type OwnerQuestion =
  | { readonly ask: 'head'; readonly conversationId: ConversationId }
  | { readonly ask: 'overview'; readonly conversationId: ConversationId }
  | { readonly ask: 'member'; readonly conversationId: ConversationId; readonly userId: UserId }
  | {
      readonly ask: 'members'
      readonly conversationId: ConversationId
      readonly after: UserId | undefined
      readonly limit: number
    }

/** `undefined` where there is no such conversation or member; of `members` then an empty list. */
export interface OwnerAnswers {
  readonly head: HeadRow | undefined
  readonly overview: ConversationOverview | undefined
  readonly member: MemberRow | undefined
  readonly members: readonly (MemberRow & { readonly userId: UserId })[]
}

export type OwnerAnswer = OwnerAnswers[keyof OwnerAnswers]

/**
 * Answers in the order of the questions; each as of a commit, none older than that of the answer before,
 * and as of the latest that anybody was told of.
 */
export type AnswerQuestions = (
  questions: readonly OwnerQuestion[],
) => Promise<readonly OwnerAnswer[]>

/**
 * Questions to the owner of a partition.
 *
 * - `ask` rejects with `unavailable` when no owner answers in time. It may be asked by many at once.
 * - `serve` takes the questions about a partition until the returned function is called. While two serve,
 *   either may be asked.
 */
export interface OwnerRequests {
  ask(partition: number, questions: readonly OwnerQuestion[]): Promise<readonly OwnerAnswer[]>
  serve(partition: number, answer: AnswerQuestions): () => void
}
