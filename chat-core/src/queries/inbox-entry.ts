import { LIMITS, type InboxEntry, type UserId } from '@satchel/protocol'
import type { Marks, UserMarks } from '../ports/marks.ts'
import type { Mentions } from '../ports/mentions.ts'
import { eventsFor } from './events-for.ts'
import type { Reader } from './reader.ts'
import type { HistoryDeps } from './read-history.ts'

export interface InboxEntryDeps extends HistoryDeps {
  readonly marks: Marks
  readonly mentions: Mentions
}

const COUNTED_MENTIONS = 100
/** How far back the last message is looked for behind reactions, edits and the like. */
const LAST_MESSAGE_WITHIN = 10

/** A reader's line of the inbox for one conversation. */
export async function inboxEntryOf(
  deps: InboxEntryDeps,
  reader: Reader,
  own?: UserMarks,
): Promise<InboxEntry> {
  const { userId, conversationId, overview, memberSettings } = reader
  const { head } = overview
  const marks = own ?? (await deps.marks.readOwn(userId, [conversationId]))[0]
  const read = marks?.read ?? { seq: 0, ordinal: 0 }
  const [mentions, latest, peerId] = await Promise.all([
    deps.mentions.count(userId, conversationId, read.seq, COUNTED_MENTIONS),
    deps.timeline.read(conversationId, { before: head.seq + 1, limit: LAST_MESSAGE_WITHIN }),
    head.kind === 'direct' ? peerOf(deps, reader) : undefined,
  ])
  const lastMessage = eventsFor(reader, latest).findLast(
    (event) => event.content.kind === 'message_sent' && event.seq > reader.hiddenUpTo,
  )
  return {
    conversationId,
    conversationKind: head.kind,
    ...overview.details,
    role: reader.role,
    joinedSeq: reader.joinedSeq,
    memberCount: head.memberCount,
    peerId,
    memberSettings,
    pins: overview.pins
      .filter((seq) => seq > reader.hiddenUpTo)
      .slice(0, LIMITS.pinsPerConversation),
    head: { seq: head.seq, ordinal: head.ordinal, timeMs: head.timeMs },
    read,
    unread: Math.max(0, head.ordinal - read.ordinal),
    mentions,
    lastMessage,
    deleted: head.deleted ? true : undefined,
  }
}

async function peerOf(deps: InboxEntryDeps, reader: Reader): Promise<UserId | undefined> {
  const pair = await deps.members.list(reader.conversationId, { limit: 2 })
  return pair.find(({ userId }) => userId !== reader.userId)?.userId
}
