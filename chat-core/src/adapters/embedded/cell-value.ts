import type { ConversationDetails, ConversationEvent, Seq, User } from '@satchel/protocol'
import { Packr } from 'msgpackr'
import type {
  HeadRow,
  IdempotencyRow,
  MemberRow,
  OutboxRow,
} from '../../domain/conversation-state.ts'
import type { LogPosition } from '../../ports/command-log.ts'

// Maps with their field names, so that any later release reads what an earlier one wrote; absent
// fields are left out. `skipValues` is an option of the encoder that its typing forgot.
const options = { useRecords: false, mapsAsObjects: true, skipValues: [undefined] }
const packr = new Packr(options)

/** A value as the bytes of a cell. */
export function formatCell(value: unknown): Buffer {
  return packr.pack(value)
}

/** The head's cell carries the position too: most commits then write one cell fewer. */
export interface HeadCell {
  readonly head: HeadRow
  readonly position: LogPosition
}

// What `formatCell` wrote. Our own rows are not checked again: the key says which kind it is.

export function parseHeadCell(bytes: Uint8Array): HeadCell {
  return packr.unpack(bytes) as HeadCell
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

export function parseOutboxRow(bytes: Uint8Array): OutboxRow {
  return packr.unpack(bytes) as OutboxRow
}

export function parseIdempotencyRow(bytes: Uint8Array): IdempotencyRow {
  return packr.unpack(bytes) as IdempotencyRow
}

export function parseEvent(bytes: Uint8Array): ConversationEvent {
  return packr.unpack(bytes) as ConversationEvent
}

export function parseUser(bytes: Uint8Array): User {
  return packr.unpack(bytes) as User
}
