import { parseUserId } from '@satchel/protocol'
import type { Marks } from '../../ports/marks.ts'
import { SECTION, conversationKey, sectionKey, textOfKey } from './cell-key.ts'
import type { EmbeddedStore } from './embedded-store.ts'
import { advanceMark, parseMarks, readMarks } from './mark-rows.ts'

/** One row for a user's two marks in a conversation. */
export function openEmbeddedMarks(store: Pick<EmbeddedStore, 'databases' | 'write'>): Marks {
  const cells = store.databases.conversations
  return {
    async advance(conversationId, userId, kind, mark) {
      const conversation = conversationKey(conversationId)
      if (readMarks(cells, conversation, userId)[kind].seq >= mark.seq) return
      await store.write((transaction) => advanceMark(transaction, conversation, userId, kind, mark))
    },
    async readOwn(userId, conversationIds) {
      return conversationIds.map((id) => ({
        userId,
        ...readMarks(cells, conversationKey(id), userId),
      }))
    },
    async readAll(conversationId, limit) {
      const conversation = conversationKey(conversationId)
      const range = cells.getRange({
        start: sectionKey(conversation, SECTION.mark),
        end: sectionKey(conversation, SECTION.mark + 1),
        limit,
      })
      return Array.from(range).flatMap(({ key, value }) => {
        const userId = parseUserId(textOfKey(key))
        return userId === undefined ? [] : [{ userId, ...parseMarks(value) }]
      })
    },
  }
}
