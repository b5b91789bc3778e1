import { conversationKindOf } from '@satchel/protocol'
import type { ConversationDetails, ConversationEvent, UserId } from '@satchel/protocol'
import type { Command } from './command.ts'
import type { ConversationRow, HeadRow } from './conversation-state.ts'
import type { DecideContext } from './decision.ts'
import { fanoutFor, findHeir, joinedRow, membershipChanged } from './membership.ts'
import { findRefusal } from './permissions.ts'
import { happened, headAfter, nextEvent, refused, UNCHANGED } from './turn.ts'
import type { Applied, ContentOf, Outcome, Rules, Turn } from './turn.ts'

/** Commands about the conversation as a whole. */
export const conversationRules = {
  create_conversation: ({ state }) =>
    refused('conversation_exists', `conversation ${state.id} was created by somebody else`),
  update_conversation: updateConversation,
  delete_conversation: deleteConversation,
  erase_user: eraseUser,
} satisfies Partial<Rules>

/** The first event of a group or channel: its creator owns it. */
export function createConversation(
  { conversationId, authorId, byServer }: Command,
  content: ContentOf<'create_conversation'>,
  { timeMs, settings }: DecideContext,
): Outcome {
  const { conversationKind, memberIds = [] } = content
  if (conversationKindOf(conversationId) !== conversationKind)
    return refused('bad_request', `the id was not made for a ${conversationKind}`)
  if (!settings.clientsMayCreateGroups && byServer !== true)
    return refused('not_allowed', 'clients may not create conversations here')
  const others = [...new Set(memberIds)].filter((userId) => userId !== authorId)
  const details = settings.historyForNewcomers ? opened(content) : detailsOf(content)
  return created(authorId, conversationKind, details, others, timeMs)
}

/** Newcomers see its history, unless it was asked for otherwise. */
function opened(wanted: ConversationDetails): ConversationDetails {
  const historyForNewcomers = wanted.settings?.historyForNewcomers ?? true
  return detailsOf({ ...wanted, settings: { ...wanted.settings, historyForNewcomers } })
}

/** A conversation's first event, head and members. The two of a direct one are plain members. */
export function created(
  creatorId: UserId,
  kind: HeadRow['kind'],
  details: ConversationDetails,
  others: readonly UserId[],
  timeMs: number,
): Applied {
  const memberIds = [creatorId, ...others]
  const event: ConversationEvent = {
    seq: 1,
    ordinal: 0,
    timeMs,
    authorId: creatorId,
    content: { kind: 'conversation_created', conversationKind: kind, ...details, memberIds },
  }
  const memberCount = memberIds.length
  const head: HeadRow = {
    seq: 1,
    ordinal: 0,
    timeMs,
    kind,
    creatorId,
    createdMs: timeMs,
    membershipSeq: 1,
    memberCount,
    fanout: fanoutFor(kind, memberCount, 'small'),
    deleted: false,
  }
  const rows: ConversationRow[] = [
    { row: 'head', value: head },
    { row: 'details', value: details },
    joinedRow(creatorId, kind === 'direct' ? 'member' : 'owner', 1),
    ...others.map((userId) => joinedRow(userId, 'member', 1)),
  ]
  return { ...UNCHANGED, seq: 1, events: [event], rows }
}

/** Absent fields stay as they are; the event carries all details as they are then. */
function updateConversation(turn: Turn, content: ContentOf<'update_conversation'>): Outcome {
  const refusal = findRefusal(turn, 'update_conversation')
  if (refusal !== undefined) return refusal
  const given = detailsOf(content)
  if (Object.keys(given).length === 0) return UNCHANGED
  const before = turn.state.details
  const settings = { ...before.settings, ...given.settings }
  const details: ConversationDetails = {
    ...before,
    ...given,
    ...(given.settings === undefined ? undefined : { settings }),
  }
  const event = nextEvent(turn, { kind: 'conversation_updated', ...details })
  return happened(turn, event, { rows: [{ row: 'details', value: details }] })
}

/** Only the head stays, so that numbers are never used again, and what answers repeated commands. */
function deleteConversation(turn: Turn): Outcome {
  const refusal = findRefusal(turn, 'delete_conversation')
  if (refusal !== undefined) return refusal
  const { id, head, members } = turn.state
  const event = nextEvent(turn, { kind: 'conversation_deleted' })
  const changes = { deleted: true, memberCount: 0, membershipSeq: event.seq }
  const rows: ConversationRow[] = [
    headAfter(head, event, changes),
    { row: 'details', value: {} },
    { row: 'pins', value: [] },
  ]
  // Sorted: maps loaded from a store have another order than those that grew.
  for (const userId of [...members.keys()].sort())
    rows.push({ row: 'member', userId, value: undefined })
  return {
    ...UNCHANGED,
    seq: event.seq,
    events: [event],
    rows,
    jobs: [{ kind: 'delete_conversation', conversationId: id }],
  }
}

/** The user leaves; what was theirs is blanked elsewhere. Members never stay without an owner. */
function eraseUser(turn: Turn, { userId }: ContentOf<'erase_user'>): Outcome {
  const { state, context } = turn
  const event = nextEvent(turn, { kind: 'user_erased', userId }, userId)
  const erasure = { kind: 'erase_user', conversationId: state.id, userId, seq: event.seq } as const
  const jobs = [{ ...erasure, blankMessages: context.settings.eraseBlanksMessages }]
  if (!state.members.has(userId)) return happened(turn, event, { jobs })
  const gone: ConversationRow = { row: 'member', userId, value: undefined }
  const left = membershipChanged(turn, event, state.members.size - 1, [gone])
  const heir = findHeir(state, userId)
  if (heir === undefined) return { ...left, jobs }
  const inherited: ConversationEvent = {
    ...event,
    seq: event.seq + 1,
    content: { kind: 'role_changed', userId: heir.userId, role: 'owner' },
  }
  const heirRow: ConversationRow = {
    row: 'member',
    userId: heir.userId,
    value: { ...heir.row, role: 'owner' },
  }
  return {
    ...left,
    events: [event, inherited],
    rows: [headAfter(left.head, inherited), gone, heirRow],
    jobs,
  }
}

/** Only the fields of the details, and of these only those that are there. */
function detailsOf({ title, avatar, data, settings }: ConversationDetails): ConversationDetails {
  return {
    ...(title === undefined ? undefined : { title }),
    ...(avatar === undefined ? undefined : { avatar }),
    ...(data === undefined ? undefined : { data }),
    ...(settings === undefined ? undefined : { settings }),
  }
}
