import type { Inbox } from '../../ports/inbox.ts'
import { afterPrefix, conversationKey, parseConversationOfKey, userKey } from './cell-key.ts'
import type { EmbeddedStore } from './embedded-store.ts'
import { nextTurn } from './next-turn.ts'
import { parseNumber } from './number-cell.ts'

/** Rows by (user, conversation). */
export function openEmbeddedInbox(store: Pick<EmbeddedStore, 'databases'>): Inbox {
  const cells = store.databases.inbox
  return {
    async list(userId, { after, limit }) {
      await nextTurn()
      const range = cells.getRange({
        start: userKey(userId, after === undefined ? undefined : conversationKey(after)),
        end: afterPrefix(userKey(userId)),
        exclusiveStart: true,
        limit,
      })
      return Array.from(range, ({ key, value }) => ({
        conversationId: parseConversationOfKey(key),
        joinedSeq: parseNumber(value),
      }))
    },
  }
}
