import type { AttachmentId } from '@satchel/protocol'
import type {
  AttachmentCatalogue,
  AttachmentRow,
  CreatedAttachment,
} from '../../ports/attachment-catalogue.ts'
import type { Clock } from '../../ports/clock.ts'
import { AttachmentRows } from './attachment-rows.ts'
import type { CassandraClient, CassandraWrite } from './cassandra-client.ts'
import { ConversationAttachments, idOf, type AttachmentEntry } from './conversation-attachments.ts'
import { DueIndex, type DueRow } from './due-index.ts'
import { indexedFirst } from './indexed-first.ts'
import { UploadPlaces } from './upload-places.ts'
import { idBytes, parseStoredAttachmentId } from './stored-id.ts'

export interface CassandraAttachmentCatalogueOptions {
  readonly client: Pick<
    CassandraClient,
    'keyspace' | 'read' | 'readSettled' | 'write' | 'writeEach' | 'writeIf'
  >
  readonly clock: Clock
}

interface Parts {
  readonly client: CassandraAttachmentCatalogueOptions['client']
  readonly rows: AttachmentRows
  readonly due: DueIndex
  readonly ofConversation: ConversationAttachments
  readonly places: UploadPlaces
  readonly clock: Clock
}

/** Rows under conditional writes, and beside them what leads to a row and is checked against it. */
export function openCassandraAttachmentCatalogue(
  options: CassandraAttachmentCatalogueOptions,
): AttachmentCatalogue {
  const { client, clock } = options
  const rows = new AttachmentRows(client)
  const uploadingOf = async (ids: readonly AttachmentId[]) => {
    const uploading = (await rows.readEach(ids)).filter(({ state }) => state === 'uploading')
    return new Set(uploading.map(({ id }) => id))
  }
  const parts: Parts = {
    client,
    rows,
    due: new DueIndex({ client, clock, kind: 'attachment' }),
    ofConversation: new ConversationAttachments({ client, clock }),
    places: new UploadPlaces({ client, uploadingOf }),
    clock,
  }
  return {
    exactPending: false,
    create: (row, { maxPending }) => createRow(parts, row, maxPending),
    read: (id) => rows.read(id),
    async replace(before, next) {
      // The same time as before: what leads to it is there.
      if (next.dueMs === before.dueMs) return rows.replace(next)
      return indexedFirst(
        clock,
        () => noteDue(parts, next),
        () => rows.replace(next),
      )
    },
    async remove(named) {
      const row = await rows.read(named.id)
      if (row?.version !== named.version) return
      if (await rows.remove(row)) await parts.ofConversation.remove(row)
    },
    listDue: (nowMs, limit) => parts.due.list(nowMs, limit, (id) => findDue(parts, id)),
    listOf: (conversationId, listed) => listOf(parts, conversationId, listed),
  }
}

/** Three trips: which places there are, all that leads to the row, the row. */
async function createRow(
  parts: Parts,
  row: AttachmentRow,
  maxPending: number,
): Promise<CreatedAttachment> {
  const { rows, ofConversation, places, clock } = parts
  const { id, uploaderId } = row
  const placing = row.state === 'uploading' ? await places.find(uploaderId, id, maxPending) : []
  if (placing === undefined) {
    const known = await rows.read(id)
    return known === undefined ? { kind: 'too_many_pending' } : { kind: 'exists', row: known }
  }
  const existing = await indexedFirst(
    clock,
    () => noteDue(parts, row, [...placing, ofConversation.writeOf(row)]),
    () => rows.create(row),
  )
  if (existing === undefined) return { kind: 'created' }
  // Of another conversation, it is none of this one's: its own removal would not find what was written here.
  if (existing.conversationId !== row.conversationId) await ofConversation.remove(row)
  return { kind: 'exists', row: existing }
}

async function noteDue(
  { client, due }: Pick<Parts, 'client' | 'due'>,
  row: AttachmentRow,
  others: readonly CassandraWrite[] = [],
): Promise<void> {
  if (row.dueMs === undefined) await client.writeEach(others)
  else await due.note(row.dueMs, idBytes(row.id), others)
}

async function findDue({ rows }: Parts, id: Buffer): Promise<DueRow<AttachmentRow> | undefined> {
  const row = await rows.read(parseStoredAttachmentId(id))
  return row && { row, dueMs: row.dueMs }
}

async function listOf(
  { rows, ofConversation }: Parts,
  conversationId: AttachmentRow['conversationId'],
  { uploaderId, after, limit }: Parameters<AttachmentCatalogue['listOf']>[1],
): Promise<readonly AttachmentRow[]> {
  const listed: AttachmentRow[] = []
  const find = async (entry: AttachmentEntry) => {
    const row = await rows.read(idOf(entry))
    if (row?.conversationId !== conversationId) {
      await ofConversation.forget(entry)
      return []
    }
    return uploaderId === undefined || row.uploaderId === uploaderId ? [row] : []
  }
  for await (const entries of ofConversation.list(conversationId, { after, limit })) {
    listed.push(...(await Promise.all(entries.map(find))).flat())
    if (listed.length >= limit) break
  }
  return listed.slice(0, limit)
}
