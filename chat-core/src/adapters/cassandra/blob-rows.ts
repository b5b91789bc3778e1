import { setTimeout } from 'node:timers/promises'
import { ChatError, type AttachmentId, type BlobKey } from '@satchel/protocol'
import type { Clock } from '../../ports/clock.ts'
import { parseBlobCell, type BlobCell } from '../blob-cell.ts'
import { formatCell } from '../cell-value.ts'
import { createTurns } from '../create-turns.ts'
import type { CassandraClient, CassandraRow, CassandraValue } from './cassandra-client.ts'
import { indexedFirst } from './indexed-first.ts'
import { idBytes } from './stored-id.ts'

type Client = Pick<CassandraClient, 'keyspace' | 'read' | 'readSettled' | 'writeIf'>

/** A blob as it is found, with what is known of one reference to it. */
export interface FoundBlob {
  readonly cell: BlobCell | undefined
  readonly isReferred: boolean
}

/** What to make of it. A change of references comes with the cell that counts them. */
export type BlobChange =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'write'
      readonly cell: BlobCell
      readonly reference?: 'add' | 'remove' | undefined
      /** Writes what leads to it. */
      readonly indexFirst?: (() => Promise<void>) | undefined
    }
  /** With the reference. */
  | { readonly kind: 'forget' }

interface Revised extends FoundBlob {
  /** Grows with each change; 0: there is none. */
  readonly revision: number
}

const NO_REFERENCE = Buffer.alloc(0)
const MAX_TRIES = 40
const MAX_UNHEARD = 3
const MAX_PAUSE_MS = 100

/**
 * Blobs and their references, a partition for each. Every change is one conditional write that requires the
 * partition to be what was looked at, so that the count of references is that of their rows.
 */
export class BlobRows {
  readonly #client: Client
  readonly #clock: Clock
  // Those who change the same at once only make each other try again.
  readonly #inTurn = createTurns()

  constructor(client: Client, clock: Clock) {
    this.#client = client
    this.#clock = clock
  }

  async read(key: BlobKey): Promise<BlobCell | undefined> {
    return (await this.#find(key, undefined, 'read')).cell
  }

  /**
   * Changes a blob as it stands when written: `decide` is asked again whenever somebody else was faster, or
   * the outcome of a write is unknown. What it gave last is what is. Whatever it decides must be right to do
   * twice.
   */
  async change(
    key: BlobKey,
    reference: AttachmentId | undefined,
    decide: (found: FoundBlob) => BlobChange,
  ): Promise<void> {
    return this.#inTurn(key, () => this.#change(key, reference, decide))
  }

  async #change(
    key: BlobKey,
    reference: AttachmentId | undefined,
    decide: (found: FoundBlob) => BlobChange,
  ): Promise<void> {
    let unheard = 0
    for (let attempt = 1; attempt <= MAX_TRIES; attempt++) {
      const found = await this.#find(key, reference, attempt === 1 ? 'read' : 'readSettled')
      const change = decide(found)
      if (change.kind === 'none') return
      try {
        if (await this.#write(key, reference, found, change)) return
      } catch (error) {
        if (!isUnheard(error) || ++unheard > MAX_UNHEARD) throw error
      }
      await setTimeout(Math.random() * Math.min(attempt * 10, MAX_PAUSE_MS))
    }
    throw new ChatError('unavailable', `too many change the blob ${key} at once`)
  }

  async #find(
    key: BlobKey,
    reference: AttachmentId | undefined,
    how: 'read' | 'readSettled',
  ): Promise<Revised> {
    const rows = await this.#client[how](
      `SELECT reference, revision, value FROM ${this.#client.keyspace}.blobs
        WHERE key = ? AND reference IN (?, ?)`,
      [idBytes(key), NO_REFERENCE, referenceBytes(reference)],
      parseRow,
    )
    const head = rows.find(({ isHead }) => isHead)
    return {
      cell: head?.cell,
      revision: head?.revision ?? 0,
      isReferred: rows.some(({ isHead }) => !isHead),
    }
  }

  async #write(
    key: BlobKey,
    reference: AttachmentId | undefined,
    { revision }: Revised,
    change: Exclude<BlobChange, { readonly kind: 'none' }>,
  ): Promise<boolean> {
    const { keyspace } = this.#client
    const head: Statement =
      change.kind === 'forget'
        ? {
            text: `DELETE FROM ${keyspace}.blobs WHERE key = ? AND reference = ? IF revision = ?`,
            values: [idBytes(key), NO_REFERENCE, revision],
          }
        : writeHead(keyspace, key, change.cell, revision)
    const statements = [head]
    const changed = change.kind === 'forget' ? 'remove' : change.reference
    if (changed !== undefined && reference !== undefined) {
      statements.push(writeReference(keyspace, key, reference, changed))
    }
    const { text, values } = together(statements)
    const write = () => this.#client.writeIf(text, values, () => undefined)
    const indexFirst = change.kind === 'write' ? change.indexFirst : undefined
    const { applied } = await (indexFirst === undefined
      ? write()
      : indexedFirst(this.#clock, indexFirst, write))
    return applied
  }
}

interface Statement {
  readonly text: string
  readonly values: readonly CassandraValue[]
}

function writeHead(keyspace: string, key: BlobKey, cell: BlobCell, revision: number): Statement {
  const value = formatCell(cell)
  return revision === 0
    ? {
        text: `INSERT INTO ${keyspace}.blobs (key, reference, revision, value) VALUES (?, ?, ?, ?) IF NOT EXISTS`,
        values: [idBytes(key), NO_REFERENCE, 1, value],
      }
    : {
        text: `UPDATE ${keyspace}.blobs SET revision = ?, value = ? WHERE key = ? AND reference = ? IF revision = ?`,
        values: [revision + 1, value, idBytes(key), NO_REFERENCE, revision],
      }
}

function writeReference(
  keyspace: string,
  key: BlobKey,
  reference: AttachmentId,
  change: 'add' | 'remove',
): Statement {
  const values = [idBytes(key), idBytes(reference)]
  return change === 'add'
    ? { text: `INSERT INTO ${keyspace}.blobs (key, reference) VALUES (?, ?)`, values }
    : { text: `DELETE FROM ${keyspace}.blobs WHERE key = ? AND reference = ?`, values }
}

/** One statement: all of it happens, or none. */
function together(statements: readonly Statement[]): Statement {
  const [only] = statements
  if (only !== undefined && statements.length === 1) return only
  const texts = statements.map(({ text }) => `${text};`)
  return {
    text: `BEGIN UNLOGGED BATCH ${texts.join(' ')} APPLY BATCH`,
    values: statements.flatMap(({ values }) => values),
  }
}

function isUnheard(error: unknown): boolean {
  return error instanceof ChatError && error.code === 'unavailable'
}

function referenceBytes(reference: AttachmentId | undefined): Buffer {
  return reference === undefined ? NO_REFERENCE : idBytes(reference)
}

function parseRow(row: CassandraRow): {
  readonly isHead: boolean
  readonly revision: number
  readonly cell: BlobCell | undefined
} {
  const isHead = (row['reference'] as Buffer).length === 0
  if (!isHead) return { isHead, revision: 0, cell: undefined }
  return {
    isHead,
    revision: row['revision'] as number,
    cell: parseBlobCell(row['value'] as Buffer),
  }
}
