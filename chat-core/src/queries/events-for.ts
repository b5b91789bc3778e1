import type { ConversationEvent, ReactionCount, UserId } from '@satchel/protocol'
import { bareChange, changedMessageOf } from './bare-change.ts'
import type { Reader } from './reader.ts'

/**
 * Events as this reader may see them. A change of a message hidden from them is told without what the message
 * says now; who else reads a channel is not told by its reactions.
 */
export function eventsFor(
  { userId, overview, hiddenUpTo }: Reader,
  events: readonly ConversationEvent[],
): readonly ConversationEvent[] {
  const isChannel = overview.head.kind === 'channel'
  if (hiddenUpTo === 0 && !isChannel) return events
  return events.map((event) => {
    if ((changedMessageOf(event) ?? Infinity) <= hiddenUpTo) return bareChange(event)
    return isChannel ? withoutNames(event, userId) : event
  })
}

function withoutNames(event: ConversationEvent, userId: UserId): ConversationEvent {
  const { content } = event
  if (content.kind !== 'message_sent' || content.reactions === undefined) return event
  const reactions = content.reactions.map((reaction) => unnamed(reaction, userId))
  return { ...event, content: { ...content, reactions } }
}

function unnamed({ emoji, count, userIds }: ReactionCount, userId: UserId): ReactionCount {
  return { emoji, count, ...(userIds === undefined ? {} : { mine: userIds.includes(userId) }) }
}
