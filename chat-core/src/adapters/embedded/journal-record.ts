import { crc32 } from 'node:zlib'
import { REMOVED } from './cell-table.ts'

/** A write as the journal carries it. */
export interface JournalCell {
  /** Of the database. */
  readonly code: number
  readonly key: Buffer
  /** `REMOVED` for none. */
  readonly value: Buffer
}

/** One transaction: all of it is there, or nothing. */
export interface JournalRecord {
  /** 1, 2, 3 … for the life of the folder. */
  readonly number: number
  readonly cells: readonly JournalCell[]
}

// A record: checksum of what follows (4), length of what follows the length (4), number (6), then each
// cell: code (1), length of the key (2), length of the value (4; all ones: removed), key, value.
const CHECKSUM_BYTES = 4
const LENGTH_END = 8
const HEADER_BYTES = 14
/** What a cell takes beside its key and value. */
export const JOURNAL_CELL_BYTES = 7
const NO_VALUE = 0xffff_ffff

/** How many bytes a record takes whose cells take `cellBytes`. */
export function recordBytes(cellBytes: number): number {
  return HEADER_BYTES + cellBytes
}

/** Writes a record at the beginning of `target`; returns its length. */
export function formatRecord(
  target: Buffer,
  number: number,
  cells: Iterable<{ readonly cells: { readonly code: number } } & Omit<JournalCell, 'code'>>,
): number {
  let at = HEADER_BYTES
  for (const { cells: database, key, value } of cells) {
    target[at] = database.code
    target.writeUInt16LE(key.length, at + 1)
    target.writeUInt32LE(value === REMOVED ? NO_VALUE : value.length, at + 3)
    at += JOURNAL_CELL_BYTES
    target.set(key, at)
    at += key.length
    target.set(value, at)
    at += value.length
  }
  target.writeUInt32LE(at - LENGTH_END, CHECKSUM_BYTES)
  target.writeUIntLE(number, LENGTH_END, 6)
  target.writeUInt32LE(crc32(target.subarray(CHECKSUM_BYTES, at)), 0)
  return at
}

/** The records from the beginning of `bytes` up to the first that is not whole or not the next one. */
export function parseRecords(bytes: Buffer): readonly JournalRecord[] {
  const records: JournalRecord[] = []
  let at = 0
  for (;;) {
    const end = recordEnd(bytes, at)
    if (end === undefined) return records
    const number = bytes.readUIntLE(at + LENGTH_END, 6)
    const last = records.at(-1)
    if (last !== undefined && number !== last.number + 1) return records
    records.push({ number, cells: parseCells(bytes.subarray(at + HEADER_BYTES, end)) })
    at = end
  }
}

function recordEnd(bytes: Buffer, start: number): number | undefined {
  if (start + HEADER_BYTES > bytes.length) return undefined
  const end = start + LENGTH_END + bytes.readUInt32LE(start + CHECKSUM_BYTES)
  if (end < start + HEADER_BYTES || end > bytes.length) return undefined
  const checksum = crc32(bytes.subarray(start + CHECKSUM_BYTES, end))
  return checksum === bytes.readUInt32LE(start) ? end : undefined
}

function parseCells(bytes: Buffer): readonly JournalCell[] {
  const cells: JournalCell[] = []
  let at = 0
  while (at < bytes.length) {
    const code = bytes.readUInt8(at)
    const keyEnd = at + JOURNAL_CELL_BYTES + bytes.readUInt16LE(at + 1)
    const valueBytes = bytes.readUInt32LE(at + 3)
    const key = bytes.subarray(at + JOURNAL_CELL_BYTES, keyEnd)
    at = valueBytes === NO_VALUE ? keyEnd : keyEnd + valueBytes
    cells.push({ code, key, value: valueBytes === NO_VALUE ? REMOVED : bytes.subarray(keyEnd, at) })
  }
  return cells
}
