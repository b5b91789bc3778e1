import { ChatError, type BlobKey } from '@satchel/protocol'
import type { CassandraClient, CassandraRow } from './cassandra-client.ts'
import { idBytes, parseStoredBlobKey } from './stored-id.ts'

type Client = Pick<CassandraClient, 'keyspace' | 'read' | 'readSettled' | 'writeIf'>

/** Which blob holds the bytes of a hash: registers that change hands by conditional writes alone. */
export class BlobHashes {
  readonly #client: Client

  constructor(client: Client) {
    this.#client = client
  }

  async read(sha256: string): Promise<BlobKey | undefined> {
    const [key] = await this.#client.read(this.#select(), [idBytes(sha256)], parseKey)
    return key
  }

  /** Whether the hash belonged to `before` (nobody where that is `undefined`), and is `key`'s now. */
  async take(sha256: string, before: BlobKey | undefined, key: BlobKey): Promise<boolean> {
    const { keyspace } = this.#client
    const taken =
      before === undefined
        ? this.#client.writeIf(
            `INSERT INTO ${keyspace}.blob_hashes (sha256, key) VALUES (?, ?) IF NOT EXISTS`,
            [idBytes(sha256), idBytes(key)],
            () => undefined,
          )
        : this.#client.writeIf(
            `UPDATE ${keyspace}.blob_hashes SET key = ? WHERE sha256 = ? IF key = ?`,
            [idBytes(key), idBytes(sha256), idBytes(before)],
            () => undefined,
          )
    try {
      return (await taken).applied
    } catch (error) {
      if (!(error instanceof ChatError) || error.code !== 'unavailable') throw error
      const [holder] = await this.#client.readSettled(this.#select(), [idBytes(sha256)], parseKey)
      return holder === key
    }
  }

  /** Of a hash that is another's it changes nothing. */
  async release(sha256: string, key: BlobKey): Promise<void> {
    await this.#client.writeIf(
      `DELETE FROM ${this.#client.keyspace}.blob_hashes WHERE sha256 = ? IF key = ?`,
      [idBytes(sha256), idBytes(key)],
      () => undefined,
    )
  }

  #select(): string {
    return `SELECT key FROM ${this.#client.keyspace}.blob_hashes WHERE sha256 = ?`
  }
}

function parseKey(row: CassandraRow): BlobKey {
  return parseStoredBlobKey(row['key'] as Buffer)
}
