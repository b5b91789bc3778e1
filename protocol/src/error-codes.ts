/** What a client may do about an error. */
export interface ErrorCodeEntry {
  /** The HTTP status of the same refusal. */
  readonly status: number
  /** The same request may succeed later as it is. */
  readonly retryable: boolean
  /** How long to wait before retrying when the answer does not say. */
  readonly defaultDelayMs?: number
  readonly meaning: string
}

/** Every error code there is; PROTOCOL.md lists the same, held to this table by a test. */
export const ERROR_CODES = {
  bad_frame: final(400, 'The bytes are not a frame of this protocol, or exceed a decoding limit.'),
  bad_request: final(
    400,
    'A field is missing, of the wrong type, or out of range; the message names it.',
  ),
  unknown_op: final(400, 'This server does not know the operation.'),
  unauthenticated: final(401, 'No valid token: missing, malformed, wrong signature or issuer.'),
  token_expired: final(401, 'The token was valid once; get a new one.'),
  forbidden: final(403, 'The token does not carry the capability for this request.'),
  not_a_member: final(403, 'The user is not a member of the conversation.'),
  not_allowed: final(403, 'The role does not permit this.'),
  no_such_conversation: final(404, 'No conversation has this id, or none the user may know of.'),
  no_such_message: final(404, 'No message has this seq in the conversation.'),
  no_such_user: final(404, 'No user has this id.'),
  no_such_attachment: final(404, 'No attachment has this id, or none the user may know of.'),
  no_such_route: final(404, 'The HTTP path does not exist.'),
  method_not_allowed: final(405, 'The HTTP path exists, the method does not.'),
  conversation_exists: final(409, 'Another user has created a conversation with this id.'),
  conversation_deleted: final(410, 'The conversation was deleted.'),
  outbox_conflict: final(409, 'This command id was used for another command; start a new outbox.'),
  too_late: final(409, 'The command id is older than what is remembered; it was not applied now.'),
  last_owner: final(409, 'The last owner cannot leave or step down without passing ownership.'),
  too_many_members: final(409, 'The conversation would exceed its number of members.'),
  too_many_pins: final(409, 'The conversation has as many pins as it may have.'),
  too_many_reactions: final(409, 'The message has as many kinds of reaction as it may have.'),
  attachment_taken: final(409, 'The attachment already belongs to another message.'),
  upload_state: final(409, 'The upload is in a state in which this cannot be done.'),
  parts_missing: final(409, 'Not every part has arrived; the details list the missing ones.'),
  file_changed: final(409, 'The bytes are not those that were announced.'),
  too_large: final(413, 'The request, message or file exceeds its limit; the details name it.'),
  type_not_allowed: final(415, 'Files of this type are not accepted.'),
  range_not_satisfiable: final(416, 'The requested range lies outside the file.'),
  link_invalid: final(403, 'The signature of the link does not fit.'),
  link_expired: final(410, 'The link was valid once; ask for a new one.'),
  rate_limited: later(429, 1_000, 'Too many requests; the details say remaining and retryAfterMs.'),
  quota_exceeded: later(429, 3_600_000, 'The quota of the user and day is used up.'),
  too_many_uploads: later(429, 5_000, 'Too many uploads of the user are pending.'),
  too_many_sessions: later(
    429,
    5_000,
    'The address or process has as many connections as it may have.',
  ),
  retry: later(
    503,
    500,
    'Not known whether it was applied: send it again with the same command id.',
  ),
  restart_required: later(
    503,
    100,
    'An earlier command of the conversation was refused: resend from that one, flagged `restart`.',
  ),
  unavailable: later(503, 1_000, 'Something needed is out of reach at the moment.'),
  storage_full: later(507, 5_000, 'The server has no space left; nothing was stored.'),
  draining: later(503, 500, 'The server is going away; reconnect.'),
  internal: final(500, 'A fault of the server; the message carries an id to look for in its logs.'),
} as const satisfies Readonly<Record<string, ErrorCodeEntry>>

export type ErrorCode = keyof typeof ERROR_CODES

export function parseErrorCode(text: string): ErrorCode | undefined {
  return Object.hasOwn(ERROR_CODES, text) ? (text as ErrorCode) : undefined
}

function final(status: number, meaning: string): ErrorCodeEntry {
  return { status, retryable: false, meaning }
}

function later(status: number, defaultDelayMs: number, meaning: string): ErrorCodeEntry {
  return { status, retryable: true, defaultDelayMs, meaning }
}
