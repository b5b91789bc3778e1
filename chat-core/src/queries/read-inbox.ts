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

/** A conversation of a user of which nobody can say at the moment where it stands. */
export type UnreachedConversation = Omit<UserConversation, 'head'>

export interface ComparedHeads {
  /** Lines of the newest conversations that are not where the client's heads say. */
  readonly moved: readonly InboxEntry[]
  readonly more: boolean
  /** Conversations of the client's heads the user is not in any more. */
  readonly gone: readonly ConversationId[]
  /** Everything compared, newest first. */
  readonly all: readonly UserConversation[]
  /** Left out of all that, neither there nor gone: they cannot be read at the moment. */
  readonly unreached: readonly UnreachedConversation[]
}

interface UserConversations {
  /** Newest head first. */
  readonly reached: readonly UserConversation[]
  readonly unreached: readonly UnreachedConversation[]
}

/** How many conversations of a user are compared when a session begins; older ones come by page. */
const COMPARED = 1_000
const PAGE = 250
const MOST_FOLLOWED = 1_000

/** Which page of the inbox: what follows the line with this head time and conversation, or the newest. */
export interface InboxPosition {
  readonly beforeMs?: number | undefined
  readonly beforeId?: ConversationId | undefined
  /** 1 to 100; 100 when absent. */
  readonly limit?: number | undefined
}

/**
 * Inbox lines, newest head first; of those with the same time, the smallest id first. Rejects with
 * `unavailable` while it is not known where one of the conversations belongs.
 */
export async function readInbox(
  deps: InboxDeps,
  userId: UserId,
  page: InboxPosition,
): Promise<{ readonly conversations: readonly InboxEntry[]; readonly more: boolean }> {
  const limit = Math.min(page.limit ?? LIMITS.pageSize, LIMITS.pageSize)
  const { reached, unreached } = await conversationsOf(deps, userId)
  if (unreached.length > 0)
    throw new ChatError('unavailable', 'some of the conversations cannot be read at the moment')
  const older = reached.filter((conversation) => followsPosition(conversation, page))
  const lines = await linesOf(deps, userId, older.slice(0, limit))
  const conversations = lines.flatMap((line) => {
    if (line instanceof ChatError) throw line
    return line ?? []
  })
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

/**
 * Holds a client's heads against all of its user's conversations. What cannot be read of some of them at
 * the moment keeps nobody from the others.
 */
export async function compareHeads(
  deps: InboxDeps,
  userId: UserId,
  claimed: readonly { readonly conversationId: ConversationId; readonly seq: Seq }[],
): Promise<ComparedHeads> {
  const seqs = new Map(claimed.map(({ conversationId, seq }) => [conversationId, seq]))
  const { reached, unreached } = await stillOf(deps, userId, await conversationsOf(deps, userId))
  const known = new Set([...reached, ...unreached].map(({ conversationId }) => conversationId))
  const all = reached.slice(0, COMPARED)
  const moved = all.filter(({ conversationId, head }) => seqs.get(conversationId) !== head.seq)
  const told = moved.slice(0, LIMITS.conversationsInWelcome)
  const lines = await linesOf(deps, userId, told)
  const unread = new Set(told.filter((_, index) => lines[index] instanceof ChatError))
  return {
    moved: lines.flatMap((line) => (line instanceof ChatError ? [] : (line ?? []))),
    more: moved.length > LIMITS.conversationsInWelcome || reached.length > COMPARED,
    gone: [...seqs.keys()].filter((id) => !known.has(id)),
    all: unread.size === 0 ? all : all.filter((conversation) => !unread.has(conversation)),
    unreached: [...unread, ...unreached.slice(0, COMPARED)],
  }
}

/** Which conversations a user is in, and since when. */
export async function listConversations(
  deps: Pick<InboxDeps, 'inbox' | 'followers'>,
  userId: UserId,
): Promise<ReadonlyMap<ConversationId, Seq>> {
  const joined = new Map<ConversationId, Seq>()
  for (let after: ConversationId | undefined; ;) {
    const rows = await deps.inbox.list(userId, { after, limit: PAGE })
    for (const { conversationId, joinedSeq } of rows) joined.set(conversationId, joinedSeq)
    after = rows.at(-1)?.conversationId
    if (rows.length < PAGE) break
  }
  for (const { conversationId, joinedSeq } of await deps.followers.following(userId, MOST_FOLLOWED))
    if (!joined.has(conversationId)) joined.set(conversationId, joinedSeq)
  return joined
}

async function conversationsOf(deps: InboxDeps, userId: UserId): Promise<UserConversations> {
  const joined = await listConversations(deps, userId)
  const heads = await deps.heads.read([...joined.keys()])
  const reached: UserConversation[] = []
  const unreached: UnreachedConversation[] = []
  for (const [index, [conversationId, joinedSeq]] of [...joined].entries()) {
    const head = heads[index]
    if (head === 'unreachable') unreached.push({ conversationId, joinedSeq })
    else if (head?.deleted === false) reached.push({ conversationId, joinedSeq, head })
  }
  return { reached: reached.sort(newestFirst), unreached }
}

/**
 * Those the user is in behind the heads, too: whoever was removed between the two reads, with an event that a
 * head counts, would be taken for a member who has seen it.
 */
async function stillOf(
  deps: InboxDeps,
  userId: UserId,
  conversations: UserConversations,
): Promise<UserConversations> {
  const { reached, unreached } = conversations
  if (reached.every(({ head, joinedSeq }) => head.membershipSeq <= joinedSeq)) return conversations
  const joined = await listConversations(deps, userId)
  const isStill = ({ conversationId }: UnreachedConversation): boolean => joined.has(conversationId)
  return { reached: reached.filter(isStill), unreached: unreached.filter(isStill) }
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

/** A line for each conversation; none where the user was removed since; why, where it cannot be read now. */
async function linesOf(
  deps: InboxDeps,
  userId: UserId,
  conversations: readonly UserConversation[],
): Promise<readonly (InboxEntry | ChatError | undefined)[]> {
  const marks = await deps.marks.readOwn(
    userId,
    conversations.map(({ conversationId }) => conversationId),
  )
  return Promise.all(
    conversations.map(async ({ conversationId }, index) => {
      try {
        const reader = await requireReader(deps, userId, conversationId)
        return await inboxEntryOf(deps, reader, marks[index])
      } catch (error) {
        if (!(error instanceof ChatError)) throw error
        if (error.code === 'not_a_member') return undefined
        if (error.retryable) return error
        throw error
      }
    }),
  )
}
