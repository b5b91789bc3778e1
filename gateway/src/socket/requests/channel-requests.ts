import { follow, unfollow, type FollowingDeps } from '../following.ts'
import type { RequestHandlers } from './request-handlers.ts'

export function createChannelRequests(
  deps: FollowingDeps,
): Pick<RequestHandlers, 'follow' | 'unfollow'> {
  return {
    follow: ({ userId }, { conversationId }) => follow(deps, userId, conversationId),
    async unfollow({ userId }, { conversationId }) {
      await unfollow(deps, userId, conversationId)
      return {}
    },
  }
}
