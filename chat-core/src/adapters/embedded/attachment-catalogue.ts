import type { AttachmentId, ConversationId, UserId } from '@satchel/protocol'
import type {
  AttachmentCatalogue,
  AttachmentRow,
  CreatedAttachment,
} from '../../ports/attachment-catalogue.ts'
import { afterPrefix } from './cell-key.ts'
import { formatCell, parseAttachmentRow } from '../cell-value.ts'
import { parseAttachmentIds } from './embedded-cell.ts'
import type { Cells, EmbeddedStore } from './embedded-store.ts'
import { dueKey, idKey, idOfKey, pairKey } from './media-key.ts'
import type { StoreTransaction } from './store-transaction.ts'

const EMPTY = Buffer.alloc(0)

interface AttachmentCells {
  /** id → row */
  readonly rows: Cells
  /** due time, id → nothing */
  readonly due: Cells
  /** conversation, id → nothing */
  readonly ofConversation: Cells
  /** user → ids of rows in state `uploading`, so few that one cell holds them */
  readonly pending: Cells
}

/** Rows, and three indexes changed in the same transaction. */
export function openEmbeddedAttachmentCatalogue(
  store: Pick<EmbeddedStore, 'openDatabase' | 'write'>,
): AttachmentCatalogue {
  const cells: AttachmentCells = {
    rows: store.openDatabase('attachments'),
    due: store.openDatabase('attachments-due'),
    ofConversation: store.openDatabase('attachments-of-conversation'),
    pending: store.openDatabase('uploads-pending'),
  }

  function readRow(key: Buffer): AttachmentRow | undefined {
    const bytes = cells.rows.get(key)
    return bytes === undefined ? undefined : parseAttachmentRow(bytes)
  }

  return {
    exactPending: true,
    async create(row, { maxPending }) {
      let created: CreatedAttachment = { kind: 'created' }
      await store.write((transaction) => {
        const stored = readStaged(transaction, cells, row.id)
        const pending = readPending(transaction, cells, row.uploaderId)
        if (stored !== undefined) created = { kind: 'exists', row: stored }
        else if (pending.length >= maxPending) created = { kind: 'too_many_pending' }
        else stageRow(transaction, cells, undefined, row)
      })
      return created
    },
    async read(id) {
      return readRow(idKey(id))
    },
    async replace(before, next) {
      let replaced = false
      await store.write((transaction) => {
        const stored = readStaged(transaction, cells, next.id)
        replaced = stored?.version === before.version
        if (replaced) stageRow(transaction, cells, stored, next)
      })
      return replaced
    },
    async remove({ id, version }) {
      await store.write((transaction) => {
        const stored = readStaged(transaction, cells, id)
        if (stored?.version === version) stageRow(transaction, cells, stored, undefined)
      })
    },
    async listDue(nowMs, limit) {
      const keys = Array.from(cells.due.getKeys({ end: dueKey(nowMs + 1, EMPTY), limit }))
      return keys.flatMap((key) => readRow(idOfKey(key)) ?? [])
    },
    async listOf(conversationId, { uploaderId, after, limit }) {
      const rows: AttachmentRow[] = []
      for (const key of listKeys(cells, conversationId, after)) {
        const row = readRow(idOfKey(key))
        if (row === undefined) continue
        if (uploaderId === undefined || row.uploaderId === uploaderId) rows.push(row)
        if (rows.length === limit) break
      }
      return rows
    },
  }
}

function listKeys(
  cells: AttachmentCells,
  conversationId: ConversationId,
  after: AttachmentId | undefined,
): Iterable<Buffer> {
  const conversation = idKey(conversationId)
  const start = after === undefined ? conversation : pairKey(conversation, idKey(after))
  return cells.ofConversation.getKeys({
    start,
    end: afterPrefix(conversation),
    exclusiveStart: true,
  })
}

function readStaged(
  transaction: StoreTransaction,
  cells: AttachmentCells,
  id: AttachmentId,
): AttachmentRow | undefined {
  const bytes = transaction.read(cells.rows, idKey(id))
  return bytes === undefined ? undefined : parseAttachmentRow(bytes)
}

function readPending(
  transaction: StoreTransaction,
  cells: AttachmentCells,
  userId: UserId,
): readonly AttachmentId[] {
  const bytes = transaction.read(cells.pending, Buffer.from(userId))
  return bytes === undefined ? [] : parseAttachmentIds(bytes)
}

function stageRow(
  transaction: StoreTransaction,
  cells: AttachmentCells,
  before: AttachmentRow | undefined,
  after: AttachmentRow | undefined,
): void {
  const row = after ?? before
  if (row === undefined) return
  const key = idKey(row.id)
  if (after === undefined) transaction.remove(cells.rows, key)
  else transaction.put(cells.rows, key, formatCell(after))
  const listed = pairKey(idKey(row.conversationId), key)
  if (after === undefined) transaction.remove(cells.ofConversation, listed)
  else if (before === undefined) transaction.put(cells.ofConversation, listed, EMPTY)
  stageDue(transaction, cells, key, before?.dueMs, after?.dueMs)
  stagePending(transaction, cells, row, before?.state === 'uploading', after?.state === 'uploading')
}

function stageDue(
  transaction: StoreTransaction,
  cells: AttachmentCells,
  key: Buffer,
  before: number | undefined,
  after: number | undefined,
): void {
  if (before === after) return
  if (before !== undefined) transaction.remove(cells.due, dueKey(before, key))
  if (after !== undefined) transaction.put(cells.due, dueKey(after, key), EMPTY)
}

function stagePending(
  transaction: StoreTransaction,
  cells: AttachmentCells,
  { id, uploaderId }: AttachmentRow,
  wasPending: boolean,
  isPending: boolean,
): void {
  if (wasPending === isPending) return
  const others = readPending(transaction, cells, uploaderId).filter((other) => other !== id)
  const pending = isPending ? [...others, id] : others
  const key = Buffer.from(uploaderId)
  if (pending.length === 0) transaction.remove(cells.pending, key)
  else transaction.put(cells.pending, key, formatCell(pending))
}
