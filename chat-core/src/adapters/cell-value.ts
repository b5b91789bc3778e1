import type {
  AttachmentId,
  ConversationDetails,
  ConversationEvent,
  Seq,
  User,
  UserId,
} from '@satchel/protocol'
import { Packr } from 'msgpackr'
import type { HeadRow, IdempotencyRow, MemberRow } from '../domain/conversation-state.ts'
import type { AttachmentRow } from '../ports/attachment-catalogue.ts'
import type { ForbiddenContent } from '../ports/forbidden-bytes.ts'
import type { LogPosition } from '../ports/command-log.ts'

// Maps with their field names, so that any later release reads what an earlier one wrote; absent
// fields are left out. `skipValues` is an option of the encoder that its typing forgot.
const options = { useRecords: false, mapsAsObjects: true, skipValues: [undefined] }
const packr = new Packr(options)

/** A value as the bytes of a cell; what is `undefined` is left out. */
export function formatCell(value: unknown): Buffer {
  return packr.pack(value)
}

/** The head's cell carries the position too: most commits then write one cell fewer. */
export interface HeadCell {
  readonly head: HeadRow
  readonly position: LogPosition
}

/**
 * An event as it lies in its row. What a change changed lies in its target's row only, and what a
 * deleted message said lies nowhere; the ids of attachments stay, for they never change.
 */
export type StoredEvent = ConversationEvent & {
  readonly attachmentIds?: readonly AttachmentId[] | undefined
}

// What `formatCell` wrote. Our own rows are not checked again: the key says which kind it is.

/** For who knows what it is. */
export function parseCell(bytes: Uint8Array): unknown {
  return packr.unpack(bytes)
}

export function parseStoredUserId(text: string): UserId {
  return text as UserId
}

export function parsePosition(bytes: Uint8Array): LogPosition {
  return packr.unpack(bytes) as LogPosition
}

export function parseDetails(bytes: Uint8Array): ConversationDetails {
  return packr.unpack(bytes) as ConversationDetails
}

export function parsePins(bytes: Uint8Array): readonly Seq[] {
  return packr.unpack(bytes) as readonly Seq[]
}

export function parseMemberRow(bytes: Uint8Array): MemberRow {
  return packr.unpack(bytes) as MemberRow
}

export function parseIdempotencyRow(bytes: Uint8Array): IdempotencyRow {
  return packr.unpack(bytes) as IdempotencyRow
}

export function parseCellEvent(bytes: Uint8Array): StoredEvent {
  return packr.unpack(bytes) as StoredEvent
}

export function parseUser(bytes: Uint8Array): User {
  return packr.unpack(bytes) as User
}

export function parseAttachmentRow(bytes: Uint8Array): AttachmentRow {
  return packr.unpack(bytes) as AttachmentRow
}

export function parseForbiddenContent(bytes: Uint8Array): ForbiddenContent {
  return packr.unpack(bytes) as ForbiddenContent
}

export function parseStoredAttachmentId(id: Buffer): AttachmentId {
  return id.toString('base64url') as AttachmentId
}
