import type { Following } from '../following.ts'
import type { RequestHandlers } from './request-handlers.ts'

export function createChannelRequests(
  following: Following,
): Pick<RequestHandlers, 'follow' | 'unfollow'> {
  return {
    follow: ({ userId }, { conversationId }) => following.follow(userId, conversationId),
    async unfollow({ userId }, { conversationId }) {
      await following.unfollow(userId, conversationId)
      return {}
    },
  }
}
