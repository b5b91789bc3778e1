import {
  ChatError,
  LIMITS,
  type ConversationId,
  type InboxEntry,
  type Seq,
  type UserId,
} from '@satchel/protocol'
import type { HeadRow } from '../domain/conversation-state.ts'
import type { Heads } from '../ports/heads.ts'
import type { Inbox } from '../ports/inbox.ts'
import { inboxEntryOf, type InboxEntryDeps } from './inbox-entry.ts'
import { requireReader } from './reader.ts'

export interface InboxDeps extends InboxEntryDeps {
  readonly inbox: Inbox
  readonly heads: Heads
}

/** A conversation of a user and where it stands. */
export interface UserConversation {
  readonly conversationId: ConversationId
  readonly joinedSeq: Seq
  readonly head: HeadRow
}

export interface ComparedHeads {
  /** Lines of the newest conversations that are not where the client's heads say. */
  readonly moved: readonly InboxEntry[]
  readonly more: boolean
  /** Conversations of the client's heads the user is not in any more. */
  readonly gone: readonly ConversationId[]
  /** Everything compared, newest first. */
  readonly all: readonly UserConversation[]
}

/** How many conversations of a user are compared when a session begins; older ones come by page. */
const COMPARED = 1_000
const ALL_PAGE = 1_000

/** Which page of the inbox: what follows the line with this head time and conversation, or the newest. */
export interface InboxPosition {
  readonly beforeMs?: number | undefined
  readonly beforeId?: ConversationId | undefined
  /** 1 to 100; 100 when absent. */
  readonly limit?: number | undefined
}

/** Inbox lines, newest head first; of those with the same time, the smallest id first. */
export async function readInbox(
  deps: InboxDeps,
  userId: UserId,
  page: InboxPosition,
): Promise<{ readonly conversations: readonly InboxEntry[]; readonly more: boolean }> {
  const limit = Math.min(page.limit ?? LIMITS.pageSize, LIMITS.pageSize)
  const newest = await conversationsOf(deps, userId)
  const older = newest.filter((conversation) => followsPosition(conversation, page))
  const conversations = await entriesOf(deps, userId, older.slice(0, limit))
  return { conversations, more: older.length > limit }
}

export async function readConversation(
  deps: InboxDeps,
  userId: UserId,
  conversationId: ConversationId,
): Promise<InboxEntry> {
  return inboxEntryOf(deps, await requireReader(deps, userId, conversationId))
}

/** The same for two people, who may ask before either has written: then `no_such_conversation`. */
export async function readDirectConversation(
  deps: InboxDeps,
  userId: UserId,
  conversationId: ConversationId,
): Promise<InboxEntry> {
  if ((await deps.members.overview(conversationId)) === undefined) {
    throw new ChatError('no_such_conversation', 'nobody has written in this conversation yet')
  }
  return readConversation(deps, userId, conversationId)
}

/** Holds a client's heads against all of its user's conversations. */
export async function compareHeads(
  deps: InboxDeps,
  userId: UserId,
  claimed: readonly { readonly conversationId: ConversationId; readonly seq: Seq }[],
): Promise<ComparedHeads> {
  const seqs = new Map(claimed.map(({ conversationId, seq }) => [conversationId, seq]))
  const mine = await conversationsOf(deps, userId)
  const all = mine.slice(0, COMPARED)
  const known = new Set(mine.map(({ conversationId }) => conversationId))
  const moved = all.filter(({ conversationId, head }) => seqs.get(conversationId) !== head.seq)
  return {
    moved: await entriesOf(deps, userId, moved.slice(0, LIMITS.conversationsInWelcome)),
    more: moved.length > LIMITS.conversationsInWelcome || mine.length > COMPARED,
    gone: [...seqs.keys()].filter((id) => !known.has(id)),
    all,
  }
}

/** All conversations of a user, newest head first. */
async function conversationsOf(
  deps: InboxDeps,
  userId: UserId,
): Promise<readonly UserConversation[]> {
  const joined = new Map<ConversationId, Seq>()
  for (let after: ConversationId | undefined; ;) {
    const rows = await deps.inbox.list(userId, { after, limit: ALL_PAGE })
    for (const { conversationId, joinedSeq } of rows) joined.set(conversationId, joinedSeq)
    after = rows.at(-1)?.conversationId
    if (rows.length < ALL_PAGE) break
  }
  for (const { conversationId, joinedSeq } of await deps.followers.following(userId, ALL_PAGE))
    if (!joined.has(conversationId)) joined.set(conversationId, joinedSeq)
  const wanted = [...joined]
  const heads = await deps.heads.read([...joined.keys()])
  return wanted
    .flatMap(([conversationId, joinedSeq], index) => {
      const head = heads[index]
      return head === undefined || head.deleted ? [] : [{ conversationId, joinedSeq, head }]
    })
    .sort(newestFirst)
}

function newestFirst(left: UserConversation, right: UserConversation): number {
  const newer = right.head.timeMs - left.head.timeMs
  return newer === 0 ? (left.conversationId < right.conversationId ? -1 : 1) : newer
}

function followsPosition(
  { conversationId, head }: UserConversation,
  { beforeMs = Infinity, beforeId }: InboxPosition,
): boolean {
  if (head.timeMs !== beforeMs) return head.timeMs < beforeMs
  return beforeId !== undefined && conversationId > beforeId
}

async function entriesOf(
  deps: InboxDeps,
  userId: UserId,
  conversations: readonly UserConversation[],
): Promise<readonly InboxEntry[]> {
  const marks = await deps.marks.readOwn(
    userId,
    conversations.map(({ conversationId }) => conversationId),
  )
  const entries = conversations.map(async ({ conversationId }, index) => {
    const reader = await requireReader(deps, userId, conversationId).catch(noneIfRemoved)
    return reader === undefined ? [] : [await inboxEntryOf(deps, reader, marks[index])]
  })
  return (await Promise.all(entries)).flat()
}

/** Whoever was removed since the list was read has no line any more. */
function noneIfRemoved(error: unknown): undefined {
  if (error instanceof ChatError && error.code === 'not_a_member') return undefined
  throw error
}
