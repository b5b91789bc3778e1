import { ChatError } from '@satchel/protocol'
import type { ErrorCode } from '@satchel/protocol'
import { describeSize } from './describe-size.ts'

const WRONG = 'Something went wrong. Please try again.'
const GONE = 'This conversation is not available any more.'

/** What the codes mean to somebody who does not know what a server is. */
const WORDS: Readonly<Record<ErrorCode, string>> = {
  bad_frame: WRONG,
  bad_request: 'That could not be done with what was entered.',
  unknown_op: 'This server is too old for that.',
  unauthenticated: 'Please sign in again.',
  token_expired: 'You were signed in too long ago. Please sign in again.',
  forbidden: 'You may not do that.',
  not_a_member: 'You are not in this conversation.',
  not_allowed: 'Only an admin of this conversation can do that.',
  no_such_conversation: GONE,
  no_such_message: 'This message is not there any more.',
  no_such_user: 'There is nobody with this name.',
  no_such_attachment: 'This file is not available any more.',
  no_such_route: WRONG,
  method_not_allowed: WRONG,
  conversation_exists: WRONG,
  conversation_deleted: GONE,
  outbox_conflict: WRONG,
  too_late: 'This took too long and was not done. Please try again.',
  last_owner: 'You are the only owner. Make somebody else an owner before you leave.',
  too_many_members: 'This conversation has as many members as it can have.',
  too_many_pins: 'There are as many pinned messages as there can be.',
  too_many_reactions: 'This message has as many kinds of reaction as it can have.',
  attachment_taken: 'This file is in another message already.',
  upload_state: 'This file is not ready, or not available any more.',
  parts_missing: 'Part of the file did not arrive. Please try again.',
  file_changed: 'The file changed while it was being sent. Please attach it again.',
  too_large: 'This is too large.',
  type_not_allowed: 'Files of this type cannot be sent here.',
  range_not_satisfiable: WRONG,
  link_invalid: 'This file could not be loaded.',
  link_expired: 'This file could not be loaded. Please try again.',
  rate_limited: 'That was a little fast. Please wait a moment.',
  quota_exceeded: 'You have sent as many files as you can today.',
  too_many_uploads: 'Too many files are being sent at once. Please wait for one to finish.',
  too_many_sessions: 'You are connected in too many places.',
  retry: 'The server is busy. Please try again in a moment.',
  restart_required: 'The server is busy. Please try again in a moment.',
  unavailable: 'The server could not be reached. Please try again in a moment.',
  storage_full: 'The server has no space left. Please try again later.',
  draining: 'The server is restarting. Please try again in a moment.',
  internal: WRONG,
}

/** What to tell a person about a failure. */
export function describeError(error: unknown): string {
  if (!(error instanceof ChatError)) return WRONG
  const { limit } = error.details
  if (error.code === 'too_large' && limit !== undefined && limit >= 100_000) {
    return `This file is too large. Files can have up to ${describeSize(limit)}.`
  }
  return describeCode(error.code)
}

export function describeCode(code: ErrorCode): string {
  return WORDS[code]
}
