import {
  attachmentReference,
  conversationDetails,
  emoji,
  memberSettings,
  messageBody,
  role,
  seq,
  userId,
} from './content.ts'
import { LIMITS } from './limits.ts'
import { flag, list, map, oneOf, optional, variants } from './schema/index.ts'
import type { ValueOf } from './schema/index.ts'

const { text, mentions, mentionAll, data } = messageBody.fields

/** What may be asked of a conversation over the socket. The imperative of what then happens. */
export const COMMANDS = {
  create_conversation: map({
    conversationKind: oneOf(['group', 'channel']),
    ...conversationDetails.fields,
    memberIds: optional(list(userId, LIMITS.membersPerCommand)),
  }),
  update_conversation: conversationDetails,
  delete_conversation: map({}),
  add_members: map({ userIds: list(userId, LIMITS.membersPerCommand) }),
  remove_member: map({ userId }),
  leave_conversation: map({}),
  set_role: map({ userId, role }),
  send_message: map({
    text,
    attachments: optional(list(attachmentReference, LIMITS.attachmentsPerMessage)),
    replyTo: optional(seq),
    mentions,
    mentionAll,
    silent: optional(flag),
    data,
  }),
  edit_message: map({ target: seq, text, mentions, mentionAll, data }),
  delete_message: map({ target: seq }),
  react: map({ target: seq, emoji, removed: optional(flag) }),
  pin_message: map({ target: seq }),
  unpin_message: map({ target: seq }),
  set_member_settings: memberSettings,
} as const

export const requestedCommand = variants('command', COMMANDS)
/** A command as a client sends it. */
export type RequestedCommand = ValueOf<typeof requestedCommand>
export type RequestedCommandKind = RequestedCommand['kind']
