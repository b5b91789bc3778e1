import { parseUserId } from '@satchel/protocol'
import type { Members } from '../../ports/members.ts'
import { SECTION, conversationKey, sectionKey, textKey, textOfKey } from './cell-key.ts'
import { parseDetails, parseMemberRow, parsePins } from './cell-value.ts'
import { readHead } from './conversation-rows.ts'
import type { EmbeddedStore } from './embedded-store.ts'

/** The conversation's own rows, for those who are not its owner. */
export function openEmbeddedMembers(store: Pick<EmbeddedStore, 'databases'>): Members {
  const cells = store.databases.conversations
  return {
    async overview(conversationId) {
      const conversation = conversationKey(conversationId)
      const head = readHead(cells, conversation)
      if (head === undefined) return undefined
      const details = cells.get(sectionKey(conversation, SECTION.details))
      const pins = cells.get(sectionKey(conversation, SECTION.pins))
      return {
        head,
        details: details === undefined ? {} : parseDetails(details),
        pins: pins === undefined ? [] : parsePins(pins),
      }
    },
    async read(conversationId, userId) {
      const key = textKey(conversationKey(conversationId), SECTION.member, userId)
      const bytes = cells.get(key)
      return bytes === undefined ? undefined : parseMemberRow(bytes)
    },
    async list(conversationId, { after, limit }) {
      const conversation = conversationKey(conversationId)
      const range = cells.getRange({
        start: textKey(conversation, SECTION.member, after ?? ''),
        end: sectionKey(conversation, SECTION.member + 1),
        exclusiveStart: true,
        limit,
      })
      return Array.from(range).flatMap(({ key, value }) => {
        const userId = parseUserId(textOfKey(key))
        return userId === undefined ? [] : [{ userId, ...parseMemberRow(value) }]
      })
    },
  }
}
