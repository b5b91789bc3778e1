import { LIMITS } from '@satchel/protocol'
import type { UserId } from '@satchel/protocol'
import type { ConversationRow } from './conversation-state.ts'
import { isLastOwner, joinedRow, membershipChanged, newcomersAmong } from './membership.ts'
import { findRefusal, REMOVABLE } from './permissions.ts'
import { happened, nextEvent, refused, UNCHANGED } from './turn.ts'
import type { ContentOf, Outcome, Rules, Turn } from './turn.ts'

/** Commands about who belongs to the conversation, and as what. */
export const membershipRules = {
  add_members: (turn, { userIds }) => findRefusal(turn, 'add_members') ?? addMembers(turn, userIds),
  remove_member: removeMember,
  leave_conversation: leaveConversation,
  set_role: setRole,
  set_member_settings: setMemberSettings,
} satisfies Partial<Rules>

/** Adds those who are not members yet; without any, nothing happens. */
export function addMembers(turn: Turn, userIds: readonly UserId[]): Outcome {
  const { state } = turn
  const newcomers = newcomersAmong(state, userIds)
  if (newcomers.length === 0) return UNCHANGED
  const memberCount = state.head.memberCount + newcomers.length
  if (memberCount > LIMITS.membersPerGroup)
    return refused('too_many_members', `more than ${LIMITS.membersPerGroup} members`)
  const event = nextEvent(turn, { kind: 'members_added', userIds: newcomers })
  const rows = newcomers.map((userId) => joinedRow(userId, 'member', event.seq))
  return membershipChanged(turn, event, memberCount, rows)
}

function removeMember(turn: Turn, { userId }: ContentOf<'remove_member'>): Outcome {
  const { state, command } = turn
  if (userId === command.authorId) return leaveConversation(turn)
  const refusal = findRefusal(turn, 'remove_member')
  if (refusal !== undefined) return refusal
  const role = state.members.get(command.authorId)?.role
  const target = state.members.get(userId)
  if (target === undefined) return UNCHANGED
  if (role === undefined || !REMOVABLE[role].includes(target.role))
    return refused('not_allowed', `${role ?? 'nobody'} may not remove ${target.role}`)
  return without(turn, userId, 'member_removed')
}

function leaveConversation(turn: Turn): Outcome {
  const { state, command } = turn
  const refusal = findRefusal(turn, 'leave_conversation')
  if (refusal !== undefined) return refusal
  if (isLastOwner(state, command.authorId))
    return refused('last_owner', 'the last owner passes ownership before leaving')
  return without(turn, command.authorId, 'member_left')
}

function without(turn: Turn, userId: UserId, kind: 'member_removed' | 'member_left'): Outcome {
  const event = nextEvent(turn, kind === 'member_left' ? { kind } : { kind, userId })
  const gone: ConversationRow = { row: 'member', userId, value: undefined }
  return membershipChanged(turn, event, turn.state.head.memberCount - 1, [gone])
}

function setRole(turn: Turn, { userId, role }: ContentOf<'set_role'>): Outcome {
  const { state } = turn
  const refusal = findRefusal(turn, 'set_role')
  if (refusal !== undefined) return refusal
  const before = state.members.get(userId)
  if (before === undefined) return refused('not_a_member', `${userId} is not a member`)
  if (before.role === role) return UNCHANGED
  // Alone or not, who stays stays under an owner.
  if (before.role === 'owner' && (state.members.size === 1 || isLastOwner(state, userId)))
    return refused('last_owner', 'the last owner passes ownership before stepping down')
  const event = nextEvent(turn, { kind: 'role_changed', userId, role })
  return happened(turn, event, { rows: [{ row: 'member', userId, value: { ...before, role } }] })
}

/** For the author alone: no event. */
function setMemberSettings(turn: Turn, content: ContentOf<'set_member_settings'>): Outcome {
  const { state, command } = turn
  const before = state.members.get(command.authorId)
  const refusal = findRefusal(turn, 'set_member_settings')
  if (refusal !== undefined || before === undefined)
    return refusal ?? refused('not_a_member', 'settings are for members')
  const { mutedUntilMs } = content
  const settings = mutedUntilMs === undefined ? {} : { mutedUntilMs }
  const value = { ...before, settings }
  return {
    ...UNCHANGED,
    rows: [{ row: 'member', userId: command.authorId, value }],
    memberSettings: settings,
  }
}
