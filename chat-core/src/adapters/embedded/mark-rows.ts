import type { Mark, MarkKind, UserId } from '@satchel/protocol'
import { SECTION, textKey } from './cell-key.ts'
import type { Cells } from './embedded-store.ts'
import type { StoreTransaction } from './store-transaction.ts'

export interface StoredMarks {
  readonly read: Mark
  readonly delivered: Mark
}

const NONE: StoredMarks = { read: { seq: 0, ordinal: 0 }, delivered: { seq: 0, ordinal: 0 } }
const NUMBER_BYTES = 6

function markKey(conversation: Buffer, userId: UserId): Buffer {
  return textKey(conversation, SECTION.mark, userId)
}

/** Stages a mark, unless the stored one is as far. */
export function advanceMark(
  transaction: StoreTransaction,
  conversation: Buffer,
  userId: UserId,
  kind: MarkKind,
  mark: Mark,
): void {
  const cells = transaction.databases.conversations
  const key = markKey(conversation, userId)
  const stored = parseMarks(transaction.read(cells, key))
  if (mark.seq <= stored[kind].seq) return
  transaction.put(cells, key, formatMarks({ ...stored, [kind]: mark }))
}

export function readMarks(cells: Cells, conversation: Buffer, userId: UserId): StoredMarks {
  return parseMarks(cells.get(markKey(conversation, userId)))
}

export function parseMarks(bytes: Buffer | undefined): StoredMarks {
  if (bytes === undefined) return NONE
  return {
    read: { seq: numberAt(bytes, 0), ordinal: numberAt(bytes, 1) },
    delivered: { seq: numberAt(bytes, 2), ordinal: numberAt(bytes, 3) },
  }
}

function formatMarks({ read, delivered }: StoredMarks): Buffer {
  const bytes = Buffer.allocUnsafe(4 * NUMBER_BYTES)
  bytes.writeUIntBE(read.seq, 0, NUMBER_BYTES)
  bytes.writeUIntBE(read.ordinal, NUMBER_BYTES, NUMBER_BYTES)
  bytes.writeUIntBE(delivered.seq, 2 * NUMBER_BYTES, NUMBER_BYTES)
  bytes.writeUIntBE(delivered.ordinal, 3 * NUMBER_BYTES, NUMBER_BYTES)
  return bytes
}

function numberAt(bytes: Buffer, index: number): number {
  return bytes.readUIntBE(index * NUMBER_BYTES, NUMBER_BYTES)
}
