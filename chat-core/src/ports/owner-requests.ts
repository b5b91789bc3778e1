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
      /** At most 1,000. */
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

/** The answers to these questions, in their order. */
export type AnswersTo<Questions extends readonly OwnerQuestion[]> = {
  readonly [Index in keyof Questions]: OwnerAnswers[Questions[Index]['ask']]
}

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
 * - `ask` rejects with `unavailable` when no owner answers in time, and when more is asked than an owner
 *   takes at once. It may be asked by many at once; questions asked together are answered together.
 * - `serve` takes the questions about a partition until the returned function is called. While two serve,
 *   either may be asked.
 */
export interface OwnerRequests {
  ask<const Questions extends readonly OwnerQuestion[]>(
    partition: number,
    questions: Questions,
  ): Promise<AnswersTo<Questions>>
  serve(partition: number, answer: AnswerQuestions): () => void
}
