import {
  readConversation,
  readDirectConversation,
  readHistory,
  readInbox,
  readMarks,
  readMembers,
  requireTarget,
  type InboxDeps,
} from '@satchel/chat-core'
import { linked, linkedEntry, type EventFormat } from '../event-frames.ts'
import type { RequestHandlers } from './request-handlers.ts'

type ReadingRequest = 'history' | 'inbox' | 'conversation' | 'members' | 'marks'

export interface ReadingRequestsDeps extends Pick<EventFormat, 'links' | 'clock'> {
  readonly queries: InboxDeps
}

/** What is read page by page. Pages are large: whoever does not take them gets no further ones. */
export function createReadingRequests(
  deps: ReadingRequestsDeps,
): Pick<RequestHandlers, ReadingRequest> {
  const { queries } = deps
  return {
    async history(session, { conversationId, before, after, around, limit }) {
      await session.connection.outbound.room()
      const position = { before, after, around, limit }
      const { strictLinks, ...page } = await readHistory(
        queries,
        session.userId,
        conversationId,
        position,
      )
      return { ...page, events: page.events.map((event) => linked(deps, event, strictLinks)) }
    },

    async inbox(session, { beforeMs, beforeId, limit }) {
      await session.connection.outbound.room()
      const page = await readInbox(queries, session.userId, { beforeMs, beforeId, limit })
      return { ...page, conversations: page.conversations.map((entry) => linkedEntry(deps, entry)) }
    },

    async conversation({ userId }, frame) {
      const id = requireTarget(userId, frame)
      const read = frame.to === undefined ? readConversation : readDirectConversation
      return linkedEntry(deps, await read(queries, userId, id))
    },

    async members(session, { conversationId, after, limit }) {
      await session.connection.outbound.room()
      return readMembers(queries, session.userId, conversationId, { after, limit })
    },

    async marks(session, { conversationId }) {
      const marks = await readMarks(queries, session.userId, conversationId)
      return {
        marks: marks.map(({ userId, read, delivered }) => ({
          userId,
          read: read.seq,
          delivered: delivered.seq,
        })),
      }
    },
  }
}
