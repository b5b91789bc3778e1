import { LIMITS } from '@satchel/protocol'
import type { Role, UserId } from '@satchel/protocol'
import type { ConversationState, HeadRow } from './conversation-state.ts'
import { refused } from './turn.ts'
import type { Refused, Turn } from './turn.ts'

/**
 * What somebody is to a conversation: a member's role, `peer` = either person of a direct one,
 * `follower` = whoever reads a channel without being a member of it.
 */
export type Standing = Role | 'peer' | 'follower'

/**
 * When a standing may do something. `membersCanAdd` and `membersCanPin`: where the conversation's
 * setting says so; `small`: up to 256 members, and not in channels.
 */
export type Grant = 'yes' | 'no' | 'membersCanAdd' | 'membersCanPin' | 'small'

/** Who may do what. docs/PERMISSIONS.md shows the same, held to this table by a test. */
export const PERMISSIONS = {
  send_message: row('yes', 'yes', 'yes', 'yes', 'no'),
  mention_all: row('yes', 'yes', 'small', 'yes', 'no'),
  edit_own_message: row('yes', 'yes', 'yes', 'yes', 'no'),
  delete_own_message: row('yes', 'yes', 'yes', 'yes', 'no'),
  delete_any_message: row('yes', 'yes', 'no', 'no', 'no'),
  react: row('yes', 'yes', 'yes', 'yes', 'yes'),
  pin_message: row('yes', 'yes', 'membersCanPin', 'yes', 'no'),
  add_members: row('yes', 'yes', 'membersCanAdd', 'no', 'no'),
  remove_member: row('yes', 'yes', 'no', 'no', 'no'),
  set_role: row('yes', 'no', 'no', 'no', 'no'),
  leave_conversation: row('yes', 'yes', 'yes', 'no', 'no'),
  update_conversation: row('yes', 'yes', 'no', 'no', 'no'),
  delete_conversation: row('yes', 'no', 'no', 'no', 'no'),
  set_member_settings: row('yes', 'yes', 'yes', 'yes', 'no'),
} as const satisfies Readonly<Record<string, Readonly<Record<Standing, Grant>>>>

export type Action = keyof typeof PERMISSIONS

/** Whom a role that may remove members may remove: admins not each other, nor an owner. */
export const REMOVABLE: Readonly<Record<Role, readonly Role[]>> = {
  owner: ['owner', 'admin', 'member'],
  admin: ['member'],
  member: [],
}

/** Small enough for numbered reactions and everybody's `@all`. */
export function isSmall(head: HeadRow): boolean {
  return head.kind !== 'channel' && head.memberCount <= LIMITS.smallConversationMembers
}

/** `undefined` for strangers. */
function standingOf(state: ConversationState, userId: UserId): Standing | undefined {
  const member = state.members.get(userId)
  if (member === undefined) return state.head.kind === 'channel' ? 'follower' : undefined
  return state.head.kind === 'direct' ? 'peer' : member.role
}

/** Whether `userId` may do `action` in the conversation as it is now. */
function mayDo(state: ConversationState, userId: UserId, action: Action): boolean {
  const standing = standingOf(state, userId)
  if (standing === undefined) return false
  const grant: Grant = PERMISSIONS[action][standing]
  switch (grant) {
    case 'yes':
      return true
    case 'no':
      return false
    case 'membersCanAdd':
    case 'membersCanPin':
      return state.details.settings?.[grant] === true
    case 'small':
      return isSmall(state.head)
    default:
      return grant satisfies never
  }
}

/** Why the author may not do this; `undefined` when they may. */
export function findRefusal({ state, command }: Turn, action: Action): Refused | undefined {
  if (mayDo(state, command.authorId, action)) return undefined
  return state.members.has(command.authorId)
    ? refused('not_allowed', `${action} needs a higher role here`)
    : refused('not_a_member', `${action} is for members`)
}

function row(owner: Grant, admin: Grant, member: Grant, peer: Grant, follower: Grant) {
  return { owner, admin, member, peer, follower }
}
