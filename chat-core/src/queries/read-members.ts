import { LIMITS, type ConversationId, type Member, type UserId } from '@satchel/protocol'
import type { Marks, UserMarks } from '../ports/marks.ts'
import { requireReader, type ReaderDeps } from './reader.ts'

/** A page of members in the order of user ids. */
export async function readMembers(
  deps: ReaderDeps,
  userId: UserId,
  conversationId: ConversationId,
  page: { readonly after?: UserId | undefined; readonly limit?: number | undefined },
): Promise<{ readonly members: readonly Member[]; readonly more: boolean }> {
  await requireReader(deps, userId, conversationId)
  const limit = Math.min(page.limit ?? LIMITS.pageSize, LIMITS.pageSize)
  const rows = await deps.members.list(conversationId, { after: page.after, limit: limit + 1 })
  const members = rows
    .slice(0, limit)
    .map(({ userId: id, role, joinedSeq }) => ({ userId: id, role, joinedSeq }))
  return { members, more: rows.length > limit }
}

/** How far members have read and received; in large conversations nobody is told. */
export async function readMarks(
  deps: ReaderDeps & { readonly marks: Marks },
  userId: UserId,
  conversationId: ConversationId,
): Promise<readonly UserMarks[]> {
  const reader = await requireReader(deps, userId, conversationId)
  if (reader.overview.head.fanout === 'large') return deps.marks.readOwn(userId, [conversationId])
  const limit = LIMITS.smallConversationMembers
  const [marks, members] = await Promise.all([
    deps.marks.readAll(conversationId, limit),
    deps.members.list(conversationId, { limit }),
  ])
  // Who has left has marks still.
  const memberIds = new Set(members.map((member) => member.userId))
  return marks.filter((mark) => memberIds.has(mark.userId))
}
