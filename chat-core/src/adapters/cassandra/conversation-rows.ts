import type { ConversationRow } from '../../domain/conversation-state.ts'
import type { LogPosition } from '../../ports/command-log.ts'
import {
  formatCell,
  parseDetails,
  parseIdempotencyRow,
  parseMemberRow,
  parsePins,
  parsePosition,
  parseStoredUserId,
} from '../cell-value.ts'
import { parseHeadCell, parseOutboxCell, type HotCells } from '../hot-cell.ts'
import type { CassandraRow } from './cassandra-client.ts'

/** A row of the table `conversation`; without bytes in its value, a removed one. */
export interface StoredRow {
  readonly section: number
  readonly key: string
  readonly value: Buffer
}

/** What a stored row means; the head carries a position as well as its row. */
export interface ParsedRow {
  readonly row?: ConversationRow | undefined
  readonly position?: LogPosition | undefined
}

const SECTION = {
  head: 1,
  position: 2,
  details: 3,
  pins: 4,
  member: 5,
  idempotency: 7,
  outbox: 8,
} as const

const REMOVED = Buffer.alloc(0)

/** The rows of a commit, and its position: in the head, or where the head stays as it is, by itself. */
export function formatRows(
  formats: HotCells,
  rows: readonly ConversationRow[],
  position: LogPosition,
): readonly StoredRow[] {
  const stored = rows.map((row) => formatRow(formats, row, position))
  if (rows.some(({ row }) => row === 'head')) return stored
  return [...stored, { section: SECTION.position, key: '', value: formatCell(position) }]
}

function formatRow(formats: HotCells, row: ConversationRow, position: LogPosition): StoredRow {
  const section = SECTION[row.row]
  switch (row.row) {
    case 'head':
      return { section, key: '', value: formats.formatHead({ head: row.value, position }) }
    case 'details':
    case 'pins':
      return { section, key: '', value: formatCell(row.value) }
    case 'member':
      return { section, key: row.userId, value: row.value ? formatCell(row.value) : REMOVED }
    case 'outbox':
      return { section, key: String(row.value.slot), value: formats.formatOutbox(row) }
    case 'idempotency':
      return { section, key: String(row.bucket), value: formatCell(row.value) }
    default:
      return row satisfies never
  }
}

/** Throws for a section that this release does not know: leaving it out would be forgetting it. */
export function parseRow({ section, key, value }: StoredRow): ParsedRow {
  if (value.length === 0) return {}
  switch (section) {
    case SECTION.head: {
      const { head, position } = parseHeadCell(value)
      return { row: { row: 'head', value: head }, position }
    }
    case SECTION.position:
      return { position: parsePosition(value) }
    case SECTION.details:
      return { row: { row: 'details', value: parseDetails(value) } }
    case SECTION.pins:
      return { row: { row: 'pins', value: parsePins(value) } }
    case SECTION.member:
      return {
        row: { row: 'member', userId: parseStoredUserId(key), value: parseMemberRow(value) },
      }
    case SECTION.outbox:
      return { row: parseOutboxCell(value, Number(key)) }
    case SECTION.idempotency:
      return {
        row: { row: 'idempotency', bucket: Number(key), value: parseIdempotencyRow(value) },
      }
    default:
      throw new Error(`A section of a conversation that this release does not know: ${section}`)
  }
}

export function parseStoredRow(row: CassandraRow): StoredRow {
  return {
    section: row['section'] as number,
    key: row['key'] as string,
    value: row['value'] as Buffer,
  }
}
