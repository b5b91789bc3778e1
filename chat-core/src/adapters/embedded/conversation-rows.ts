import type { ConversationRow, HeadRow } from '../../domain/conversation-state.ts'
import type { LogPosition } from '../../ports/command-log.ts'
import type { StoredConversation } from '../../ports/conversation-store.ts'
import {
  SECTION,
  idempotencyKey,
  outboxKey,
  sectionKey,
  slotOfKey,
  textKey,
  textOfKey,
} from './cell-key.ts'
import {
  formatCell,
  parseDetails,
  parseIdempotencyRow,
  parseMemberRow,
  parsePins,
  parsePosition,
  parseStoredUserId,
  type HeadCell,
} from '../cell-value.ts'
import type { Cells } from './cells.ts'
import { parseHeadCell, parseOutboxCell, type HotCells } from '../hot-cell.ts'
import type { StoreTransaction } from './store-transaction.ts'

/** Stages the rows and the position they stand for. */
export function writeRows(
  transaction: StoreTransaction,
  formats: HotCells,
  conversation: Buffer,
  rows: readonly ConversationRow[],
  position: LogPosition,
): void {
  const cells = transaction.databases.conversations
  let positionWritten = false
  for (const row of rows) {
    const key = rowKey(conversation, row)
    if (row.value === undefined) {
      transaction.remove(cells, key)
    } else if (row.row === 'head') {
      positionWritten = true
      transaction.put(cells, key, formats.formatHead({ head: row.value, position }))
    } else if (row.row === 'outbox') {
      transaction.put(cells, key, formats.formatOutbox(row))
    } else {
      transaction.put(cells, key, formatCell(row.value))
    }
  }
  if (!positionWritten)
    transaction.put(cells, sectionKey(conversation, SECTION.position), formatCell(position))
}

export function readHead(cells: Cells, conversation: Buffer): HeadRow | undefined {
  return readHeadCell(cells, conversation)?.head
}

/** The position of the latest commit; `undefined` when there was none. */
export function readPosition(cells: Cells, conversation: Buffer): LogPosition | undefined {
  const own = cells.get(sectionKey(conversation, SECTION.position))
  const head = readHeadCell(cells, conversation)?.position
  if (own === undefined) return head
  return latest(parsePosition(own), head)
}

/** All rows at one moment. */
export function readRows(cells: Cells, conversation: Buffer): StoredConversation | undefined {
  const rows: ConversationRow[] = []
  let position: LogPosition | undefined
  const range = cells.getRange({
    start: sectionKey(conversation, SECTION.head),
    end: sectionKey(conversation, SECTION.mark),
  })
  for (const { key, value } of range) {
    const section = key[conversation.length]
    if (section === SECTION.position) {
      position = latest(parsePosition(value), position)
    } else if (section === SECTION.head) {
      const cell = parseHeadCell(value)
      position = latest(cell.position, position)
      rows.push({ row: 'head', value: cell.head })
    } else {
      rows.push(parseRow(key, value))
    }
  }
  return position === undefined ? undefined : { position, rows }
}

function readHeadCell(cells: Cells, conversation: Buffer): HeadCell | undefined {
  const bytes = cells.get(sectionKey(conversation, SECTION.head))
  return bytes === undefined ? undefined : parseHeadCell(bytes)
}

function rowKey(conversation: Buffer, row: ConversationRow): Buffer {
  switch (row.row) {
    case 'head':
      return sectionKey(conversation, SECTION.head)
    case 'details':
      return sectionKey(conversation, SECTION.details)
    case 'pins':
      return sectionKey(conversation, SECTION.pins)
    case 'member':
      return textKey(conversation, SECTION.member, row.userId)
    case 'outbox':
      return outboxKey(conversation, row.value.slot)
    case 'idempotency':
      return idempotencyKey(conversation, row.bucket)
    default:
      return row satisfies never
  }
}

function parseRow(key: Buffer, value: Buffer): ConversationRow {
  switch (key[16]) {
    case SECTION.details:
      return { row: 'details', value: parseDetails(value) }
    case SECTION.pins:
      return { row: 'pins', value: parsePins(value) }
    case SECTION.member:
      return {
        row: 'member',
        userId: parseStoredUserId(textOfKey(key)),
        value: parseMemberRow(value),
      }
    case SECTION.outbox:
      return parseOutboxCell(value, slotOfKey(key))
    case SECTION.idempotency:
      return { row: 'idempotency', bucket: key[17] ?? 0, value: parseIdempotencyRow(value) }
    default:
      throw new Error(`A section this release does not know: ${key[16] ?? 'none'}`)
  }
}

function latest(position: LogPosition, other: LogPosition | undefined): LogPosition {
  return other !== undefined && comparePositions(other, position) > 0 ? other : position
}

/** Negative when `left` comes first. */
export function comparePositions(left: LogPosition, right: LogPosition): number {
  return (
    left.generation - right.generation || left.record - right.record || left.index - right.index
  )
}
