import { followChannel, requireReader, unfollowChannel, type InboxDeps } from '@satchel/chat-core'
import type { Audiences } from '../audiences.ts'
import type { SessionTable } from '../session-table.ts'
import type { RequestHandlers } from './request-handlers.ts'

export interface ChannelRequestsDeps {
  readonly queries: InboxDeps
  readonly audiences: Audiences
  readonly sessions: SessionTable
}

/** `follow` and `unfollow`: no event tells of them, so the user's seats are given and taken here. */
export function createChannelRequests(
  deps: ChannelRequestsDeps,
): Pick<RequestHandlers, 'follow' | 'unfollow'> {
  return {
    async follow({ userId }, { conversationId }) {
      const entry = await followChannel(deps.queries, userId, conversationId)
      const { overview } = await requireReader(deps.queries, userId, conversationId)
      for (const session of deps.sessions.of(userId)) {
        if (!session.seats.has(conversationId))
          deps.audiences.join(session, conversationId, overview.head, overview.head.seq)
      }
      return entry
    },

    async unfollow({ userId }, { conversationId }) {
      await unfollowChannel(deps.queries, userId, conversationId)
      const isMember = await deps.queries.members.read(conversationId, userId)
      if (isMember === undefined) deps.audiences.leave(userId, conversationId)
      return {}
    },
  }
}
