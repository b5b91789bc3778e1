import {
  COMMANDS,
  LIMITS,
  MARK_KINDS,
  beginUpload,
  commandResult,
  conversationDetails,
  conversationId,
  event,
  eventPage,
  forwardAttachment,
  head,
  inboxEntry,
  linkAnswer,
  linkWanted,
  mark,
  schema,
  seq,
  timeMs,
  user,
  userId,
} from '@satchel/protocol'

// Over HTTP everything is an object with names; the socket's positions would save nothing here.

const { list, map, optional } = schema

export const nothing = map({}, 'nothing')
const apiEvent = map(event.fields, 'event')
export const apiEventPage = map(
  { events: list(apiEvent, LIMITS.pageSize), head, more: eventPage.fields.more },
  'event page',
)
export const apiInboxEntry = map(
  { ...inboxEntry.fields, lastMessage: optional(apiEvent) },
  'conversation',
)
export const apiInboxPage = map(
  { conversations: list(apiInboxEntry, LIMITS.pageSize), more: schema.flag },
  'conversation page',
)
export const apiCommandResult = map(commandResult.fields, 'command result')
export const apiLinksWanted = map(
  { wanted: list(map(linkWanted.fields, 'wanted link'), LIMITS.linksPerRequest) },
  'wanted links',
)
export const apiLinks = map({ links: list(linkAnswer, LIMITS.linksPerRequest) }, 'links')
export const apiBeginUpload = map(beginUpload.fields, 'upload to begin')
export const apiForward = map(forwardAttachment.fields, 'file to forward')
export const apiNewConversation = map(
  {
    /** Chosen by the caller, so that a repeated request finds it; otherwise by the server. */
    conversationId: optional(conversationId),
    conversationKind: schema.oneOf(['group', 'channel']),
    ...conversationDetails.fields,
    memberIds: optional(list(userId, LIMITS.membersPerCommand)),
  },
  'new conversation',
)
export const apiMarks = map(
  {
    marks: list(
      map({ userId, read: mark, delivered: mark }, 'marks of a member'),
      LIMITS.smallConversationMembers,
    ),
  },
  'marks',
)
export const apiMarkWanted = map({ kind: schema.oneOf(MARK_KINDS), seq }, 'wanted mark')
export const apiMark = map(mark.fields, 'mark')
export const apiMessage = map(COMMANDS.send_message.fields, 'message')
const { text, mentions, mentionAll, data } = COMMANDS.edit_message.fields
export const apiMessageEdit = map({ text, mentions, mentionAll, data }, 'message body')
export const apiUser = map(user.fields, 'user')
export const apiProfile = map(
  { name: user.fields.name, avatar: user.fields.avatar, data: user.fields.data },
  'profile',
)
export const apiUsers = map({ users: list(apiUser, 50) }, 'users')
export const apiErasure = map(
  {
    askedAtMs: timeMs,
    askedBy: schema.text(64),
    finishedAtMs: optional(timeMs),
    conversations: map({ total: schema.integer(0), done: schema.integer(0) }, 'conversations'),
  },
  'erasure',
)
export const apiPartsWanted = map(
  { parts: list(schema.integer(0), LIMITS.partUrlsPerRequest) },
  'wanted parts',
)
export const apiSignIn = map({ name: userId }, 'sign-in')
