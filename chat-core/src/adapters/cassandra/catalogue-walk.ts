import type { BlobKey } from '@satchel/protocol'
import type { BlobRow } from '../../ports/blob-catalogue.ts'
import type { CatalogueWalk } from '../../ports/catalogue-walk.ts'
import { parseBlobCell } from '../blob-cell.ts'
import { parseAttachmentRow } from '../cell-value.ts'
import { pages } from '../pages.ts'
import type { CassandraClient, CassandraRow } from './cassandra-client.ts'
import { idBytes, parseStoredAttachmentId, parseStoredBlobKey } from './stored-id.ts'

type Client = Pick<CassandraClient, 'keyspace' | 'read'>

const PAGE = 100
const HEAD = Buffer.alloc(0)
const READ_AT_ONCE = 25

/** In the order of tokens, so that a page is a range of few nodes. */
export function openCassandraCatalogueWalk(client: Client): CatalogueWalk {
  const { keyspace } = client
  const attachments = { select: `SELECT value FROM ${keyspace}.attachments`, column: 'id' }
  return {
    attachments: (after) =>
      pages(PAGE, (last) => readPage(client, attachments, last?.id ?? after, parseAttachment)),
    blobs: (after) => walkBlobs(client, after),
    references: (key) =>
      pages(PAGE, (last) =>
        client.read(
          `SELECT reference FROM ${keyspace}.blobs WHERE key = ? AND reference > ? LIMIT ${PAGE}`,
          [idBytes(key), last === undefined ? HEAD : idBytes(last)],
          (row) => parseStoredAttachmentId(row['reference'] as Buffer),
        ),
      ),
    async isReferred(key, reference) {
      const found = await client.read(
        `SELECT reference FROM ${keyspace}.blobs WHERE key = ? AND reference = ?`,
        [idBytes(key), idBytes(reference)],
        () => true,
      )
      return found.length > 0
    },
  }
}

/** References lie beside their blob: keys come first, then the row of each. */
async function* walkBlobs(client: Client, after: BlobKey | undefined): AsyncGenerator<BlobRow> {
  const { keyspace } = client
  const keys = { select: `SELECT DISTINCT key FROM ${keyspace}.blobs`, column: 'key' }
  let batch: BlobKey[] = []
  for await (const key of pages(PAGE, (last: BlobKey | undefined) =>
    readPage(client, keys, last ?? after, parseKey),
  )) {
    batch.push(key)
    if (batch.length < READ_AT_ONCE) continue
    yield* await readHeads(client, batch)
    batch = []
  }
  yield* await readHeads(client, batch)
}

async function readHeads(client: Client, keys: readonly BlobKey[]): Promise<readonly BlobRow[]> {
  const heads = keys.map((key) =>
    client.read(
      `SELECT value FROM ${client.keyspace}.blobs WHERE key = ? AND reference = ?`,
      [idBytes(key), HEAD],
      (row) => parseBlobCell(row['value'] as Buffer).row,
    ),
  )
  return (await Promise.all(heads)).flat()
}

function readPage<Row>(
  client: Client,
  { select, column }: { readonly select: string; readonly column: string },
  after: string | undefined,
  parse: (row: CassandraRow) => Row,
): Promise<readonly Row[]> {
  return after === undefined
    ? client.read(`${select} LIMIT ${PAGE}`, [], parse)
    : client.read(
        `${select} WHERE token(${column}) > token(?) LIMIT ${PAGE}`,
        [idBytes(after)],
        parse,
      )
}

function parseAttachment(row: CassandraRow) {
  return parseAttachmentRow(row['value'] as Buffer)
}

function parseKey(row: CassandraRow): BlobKey {
  return parseStoredBlobKey(row['key'] as Buffer)
}
