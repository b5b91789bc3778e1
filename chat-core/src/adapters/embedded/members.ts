import { parseUserId, type UserId } from '@satchel/protocol'
import type { MemberRow } from '../../domain/conversation-state.ts'
import type { ConversationOverview, Members } from '../../ports/members.ts'
import { parseDetails, parseMemberRow, parsePins } from '../cell-value.ts'
import { SECTION, conversationKey, sectionKey, textKey, textOfKey } from './cell-key.ts'
import type { Cells } from './cells.ts'
import { readHead } from './conversation-rows.ts'
import type { EmbeddedStore } from './embedded-store.ts'

/** The conversation's own rows, for those who are not its owner. */
export function openEmbeddedMembers(store: Pick<EmbeddedStore, 'databases'>): Members {
  const cells = store.databases.conversations
  return {
    overview: async (conversationId) => readOverview(cells, conversationKey(conversationId)),
    async membership(conversationId, userId) {
      const conversation = conversationKey(conversationId)
      const overview = readOverview(cells, conversation)
      if (overview === undefined) return undefined
      return { overview, member: readMember(cells, conversation, userId) }
    },
    read: async (conversationId, userId) =>
      readMember(cells, conversationKey(conversationId), userId),
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

function readOverview(cells: Cells, conversation: Buffer): ConversationOverview | undefined {
  const head = readHead(cells, conversation)
  if (head === undefined) return undefined
  const details = cells.get(sectionKey(conversation, SECTION.details))
  const pins = cells.get(sectionKey(conversation, SECTION.pins))
  return {
    head,
    details: details === undefined ? {} : parseDetails(details),
    pins: pins === undefined ? [] : parsePins(pins),
  }
}

function readMember(cells: Cells, conversation: Buffer, userId: UserId): MemberRow | undefined {
  const bytes = cells.get(textKey(conversation, SECTION.member, userId))
  return bytes === undefined ? undefined : parseMemberRow(bytes)
}
