import {
  ChatError,
  LIMITS,
  conversationKindOf,
  type ConversationId,
  type RequestedCommand,
  type UserId,
} from '@satchel/protocol'
import type { React } from '../domain/command.ts'
import type { Timeline } from '../ports/timeline.ts'
import type { ReaderDeps } from './reader.ts'

export interface ReactionDeps extends ReaderDeps {
  readonly timeline: Timeline
}

type RequestedReaction = Extract<RequestedCommand, { readonly kind: 'react' }>

/**
 * What is known of a reaction's author and message. Rejects with `too_many_reactions` when it would be one
 * kind too many; of reactions on their way at the same time a few more may come through.
 */
export async function stampReaction(
  deps: ReactionDeps,
  authorId: UserId,
  conversationId: ConversationId,
  reaction: RequestedReaction,
): Promise<React> {
  const isMember = (await deps.members.read(conversationId, authorId)) !== undefined
  const byFollower = !isMember && (await isFollower(deps, authorId, conversationId))
  // Who may not read the message learns nothing of it.
  if ((isMember || byFollower) && reaction.removed !== true)
    await requireRoom(deps, conversationId, reaction)
  return byFollower ? { ...reaction, byFollower } : reaction
}

async function isFollower(
  { followers }: ReactionDeps,
  userId: UserId,
  conversationId: ConversationId,
): Promise<boolean> {
  if (conversationKindOf(conversationId) !== 'channel') return false
  return (await followers.read(conversationId, userId)) !== undefined
}

async function requireRoom(
  { timeline }: ReactionDeps,
  conversationId: ConversationId,
  { target, emoji }: RequestedReaction,
): Promise<void> {
  const range = { after: target - 1, upTo: target, limit: 1 }
  const [event] = await timeline.read(conversationId, range)
  if (event?.content.kind !== 'message_sent') return
  const { reactions = [] } = event.content
  const limit = LIMITS.reactionKindsPerMessage
  if (reactions.length < limit || reactions.some((reaction) => reaction.emoji === emoji)) return
  throw new ChatError('too_many_reactions', `message ${target} has ${limit} kinds of reaction`, {
    limit,
  })
}
