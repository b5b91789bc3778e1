import type { Followers } from '../../ports/followers.ts'
import { afterPrefix, conversationKey, parseConversationOfKey, userKey } from './cell-key.ts'
import type { EmbeddedStore } from './embedded-store.ts'
import { formatNumber, parseNumber } from './number-cell.ts'

/** Two rows per follower: by channel and by user. */
export function openEmbeddedFollowers(
  store: Pick<EmbeddedStore, 'databases' | 'write'>,
): Followers {
  const { followers, following } = store.databases
  return {
    async follow(conversationId, userId, joinedSeq) {
      const conversation = conversationKey(conversationId)
      await store.write((transaction) => {
        const value = formatNumber(joinedSeq)
        const follower = Buffer.concat([conversation, Buffer.from(userId)])
        transaction.putIfAbsent(followers, follower, value)
        transaction.putIfAbsent(following, userKey(userId, conversation), value)
      })
    },
    async unfollow(conversationId, userId) {
      const conversation = conversationKey(conversationId)
      await store.write((transaction) => {
        transaction.remove(followers, Buffer.concat([conversation, Buffer.from(userId)]))
        transaction.remove(following, userKey(userId, conversation))
      })
    },
    async read(conversationId, userId) {
      const bytes = following.get(userKey(userId, conversationKey(conversationId)))
      return bytes === undefined ? undefined : { conversationId, joinedSeq: parseNumber(bytes) }
    },
    async following(userId, limit) {
      const start = userKey(userId)
      const range = following.getRange({ start, end: afterPrefix(start), limit })
      return Array.from(range, ({ key, value }) => ({
        conversationId: parseConversationOfKey(key),
        joinedSeq: parseNumber(value),
      }))
    },
  }
}
