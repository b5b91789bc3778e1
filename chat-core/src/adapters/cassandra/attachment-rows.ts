import { randomBytes } from 'node:crypto'
import { ChatError, type AttachmentId } from '@satchel/protocol'
import type { AttachmentRow } from '../../ports/attachment-catalogue.ts'
import { formatCell, parseAttachmentRow } from '../cell-value.ts'
import type { CassandraClient, CassandraRow } from './cassandra-client.ts'
import { idBytes } from './stored-id.ts'

type Client = Pick<CassandraClient, 'keyspace' | 'read' | 'readSettled' | 'writeIf'>

interface StoredAttachment {
  readonly row: AttachmentRow
  /** Which call made the row, and which changed it last. */
  readonly creation: Buffer
  readonly change: Buffer
}

const COLUMNS = 'version, creation, change, value'
const MARK_BYTES = 8

/**
 * Rows of attachments, each written by conditional writes alone. Each write carries a mark of its own, so
 * that one whose outcome nobody heard is told from another's.
 */
export class AttachmentRows {
  readonly #client: Client

  constructor(client: Client) {
    this.#client = client
  }

  async read(id: AttachmentId): Promise<AttachmentRow | undefined> {
    const [stored] = await this.#client.read(this.#select(), [idBytes(id)], parseStored)
    return stored?.row
  }

  /** Those that are there. */
  async readEach(ids: readonly AttachmentId[]): Promise<readonly AttachmentRow[]> {
    const { keyspace } = this.#client
    const stored = await this.#client.read(
      `SELECT ${COLUMNS} FROM ${keyspace}.attachments WHERE id IN ?`,
      [ids.map(idBytes)],
      parseStored,
    )
    return stored.map(({ row }) => row)
  }

  /** Gives the row that is there already; `undefined` when there was none. */
  async create(row: AttachmentRow): Promise<AttachmentRow | undefined> {
    const mark = randomBytes(MARK_BYTES)
    const { keyspace } = this.#client
    const outcome = await this.#writeIf(
      `INSERT INTO ${keyspace}.attachments (id, ${COLUMNS}) VALUES (?, ?, ?, ?, ?) IF NOT EXISTS`,
      [idBytes(row.id), row.version, mark, mark, formatCell(row)],
    )
    if (outcome.kind === 'applied') return undefined
    if (outcome.kind === 'refused') return outcome.current?.row
    const stored = await this.#readSettled(row.id)
    if (stored === undefined) throw outcome.error
    return stored.creation.equals(mark) ? undefined : stored.row
  }

  /** Whether the row had the version before this one, and has this one now. */
  async replace(next: AttachmentRow): Promise<boolean> {
    const mark = randomBytes(MARK_BYTES)
    const before = next.version - 1
    const outcome = await this.#writeIf(
      `UPDATE ${this.#client.keyspace}.attachments SET version = ?, change = ?, value = ?
        WHERE id = ? IF version = ?`,
      [next.version, mark, formatCell(next), idBytes(next.id), before],
    )
    if (outcome.kind !== 'unheard') return outcome.kind === 'applied'
    const stored = await this.#readSettled(next.id)
    if (stored === undefined) throw outcome.error
    if (stored.row.version <= next.version) return stored.change.equals(mark)
    // Changed once more since: by then it may have been this one, or another of the same version.
    throw outcome.error
  }

  /** Whether the row had this version, and is gone. */
  async remove({ id, version }: Pick<AttachmentRow, 'id' | 'version'>): Promise<boolean> {
    const outcome = await this.#writeIf(
      `DELETE FROM ${this.#client.keyspace}.attachments WHERE id = ? IF version = ?`,
      [idBytes(id), version],
    )
    if (outcome.kind !== 'unheard') return outcome.kind === 'applied'
    const stored = await this.#readSettled(id)
    if (stored?.row.version === version) throw outcome.error
    return stored === undefined
  }

  async #writeIf(
    statement: string,
    values: Parameters<Client['writeIf']>[1],
  ): Promise<WriteOutcome> {
    try {
      const outcome = await this.#client.writeIf(statement, values, parseRefusal)
      return outcome.applied ? { kind: 'applied' } : { kind: 'refused', current: outcome.current }
    } catch (error) {
      if (error instanceof ChatError && error.code === 'unavailable') {
        return { kind: 'unheard', error }
      }
      throw error
    }
  }

  async #readSettled(id: AttachmentId): Promise<StoredAttachment | undefined> {
    const [stored] = await this.#client.readSettled(this.#select(), [idBytes(id)], parseStored)
    return stored
  }

  #select(): string {
    return `SELECT ${COLUMNS} FROM ${this.#client.keyspace}.attachments WHERE id = ?`
  }
}

type WriteOutcome =
  | { readonly kind: 'applied' }
  | { readonly kind: 'refused'; readonly current: StoredAttachment | undefined }
  | { readonly kind: 'unheard'; readonly error: ChatError }

function parseStored(row: CassandraRow): StoredAttachment {
  return {
    row: parseAttachmentRow(row['value'] as Buffer),
    creation: row['creation'] as Buffer,
    change: row['change'] as Buffer,
  }
}

/** Who refuses an update gives only the column it looked at. */
function parseRefusal(row: CassandraRow): StoredAttachment | undefined {
  return row['value'] === undefined || row['value'] === null ? undefined : parseStored(row)
}
