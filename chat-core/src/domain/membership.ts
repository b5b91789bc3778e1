import { LIMITS } from '@satchel/protocol'
import type { ConversationEvent, Role, UserId } from '@satchel/protocol'
import type {
  ConversationRow,
  ConversationState,
  HeadRow,
  MemberRow,
} from './conversation-state.ts'
import { UNCHANGED } from './turn.ts'
import type { Applied, Turn } from './turn.ts'

/** How events reach this many members; what is large stays so until clearly small again. */
export function fanoutFor(
  kind: HeadRow['kind'],
  memberCount: number,
  before: HeadRow['fanout'],
): HeadRow['fanout'] {
  if (kind === 'channel' || memberCount > LIMITS.smallConversationMembers) return 'large'
  return memberCount < LIMITS.smallAgainMembers ? 'small' : before
}

/** The rows of somebody who joins with the event of seq `joinedSeq`. */
export function joinedRow(userId: UserId, role: Role, joinedSeq: number): ConversationRow {
  return { row: 'member', userId, value: { role, joinedSeq, settings: {} } }
}

/** The outcome of an event that adds or removes members, whose rows these are; and the head by then. */
export function membershipChanged(
  { state: { head: before } }: Turn,
  event: ConversationEvent,
  memberCount: number,
  members: readonly ConversationRow[],
): Applied & { readonly head: HeadRow } {
  const { seq, ordinal, timeMs } = event
  const fanout = fanoutFor(before.kind, memberCount, before.fanout)
  const head = { ...before, seq, ordinal, timeMs, memberCount, fanout, membershipSeq: seq }
  const rows: ConversationRow[] = [{ row: 'head', value: head }, ...members]
  return { ...UNCHANGED, seq, events: [event], rows, head }
}

/** Those of `userIds` who are not members yet, each once. */
export function newcomersAmong(
  { members }: ConversationState,
  userIds: readonly UserId[],
): readonly UserId[] {
  return [...new Set(userIds)].filter((userId) => !members.has(userId))
}

/** Whether others would be left without an owner if `userId` were none. */
export function isLastOwner({ members }: ConversationState, userId: UserId): boolean {
  if (members.get(userId)?.role !== 'owner' || members.size === 1) return false
  for (const [other, { role }] of members) if (role === 'owner' && other !== userId) return false
  return true
}

/** Who becomes owner when the last one is taken away: the admin, or else the member, of longest standing. */
export function findHeir(
  state: ConversationState,
  userId: UserId,
): { readonly userId: UserId; readonly row: MemberRow } | undefined {
  if (!isLastOwner(state, userId)) return undefined
  let heir: { readonly userId: UserId; readonly row: MemberRow } | undefined
  for (const [other, row] of state.members) {
    if (other === userId) continue
    const candidate = { userId: other, row }
    if (heir === undefined || inheritsBefore(candidate, heir)) heir = candidate
  }
  return heir
}

function inheritsBefore(
  one: { readonly userId: UserId; readonly row: MemberRow },
  other: { readonly userId: UserId; readonly row: MemberRow },
): boolean {
  if (one.row.role !== other.row.role) return one.row.role === 'admin'
  if (one.row.joinedSeq !== other.row.joinedSeq) return one.row.joinedSeq < other.row.joinedSeq
  return one.userId < other.userId
}
