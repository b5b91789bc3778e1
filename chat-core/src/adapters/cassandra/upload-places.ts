import { parseAttachmentId, type AttachmentId, type UserId } from '@satchel/protocol'
import type { CassandraClient, CassandraRow, CassandraWrite } from './cassandra-client.ts'
import { idBytes } from './stored-id.ts'

export interface UploadPlacesOptions {
  readonly client: Pick<CassandraClient, 'keyspace' | 'read'>
  /** Those of the uploads that still need their place. */
  readonly uploadingOf: (ids: readonly AttachmentId[]) => Promise<ReadonlySet<AttachmentId>>
}

interface Place {
  readonly place: number
  readonly holder: AttachmentId | undefined
}

const NOBODY = Buffer.alloc(0)

/**
 * As many places as a user may have uploads pending: overwritten, never deleted, so that a partition stays
 * as small as it is. Nobody leaves a place; when all are taken, those whose upload is over are free. Two that
 * take a place in the same moment may take the same one: then there is one upload more than places.
 */
export class UploadPlaces {
  readonly #options: UploadPlacesOptions

  constructor(options: UploadPlacesOptions) {
    this.#options = options
  }

  /** The writes that take one; `undefined` when all `count` places are held by uploads that are pending. */
  async find(
    userId: UserId,
    id: AttachmentId,
    count: number,
  ): Promise<readonly CassandraWrite[] | undefined> {
    const places = await this.#read(userId, count)
    if (places.some(({ holder }) => holder === id)) return []
    const empty = places.find(({ holder }) => holder === undefined)
    if (empty !== undefined) return [this.#writeOf(userId, { ...empty, holder: id })]
    const [first, ...others] = await this.#findLeft(places)
    if (first === undefined) return undefined
    return [
      this.#writeOf(userId, { ...first, holder: id }),
      ...others.map(({ place }) => this.#writeOf(userId, { place, holder: undefined })),
    ]
  }

  async #read(userId: UserId, count: number): Promise<readonly Place[]> {
    const { client } = this.#options
    const taken = await client.read(
      `SELECT place, attachment FROM ${client.keyspace}.uploading WHERE user = ? AND place < ?`,
      [userId, count],
      parsePlace,
    )
    const holders = new Map(taken.map(({ place, holder }) => [place, holder]))
    return Array.from({ length: count }, (_, place) => ({ place, holder: holders.get(place) }))
  }

  /** Places whose holder is over, or has another one. */
  async #findLeft(places: readonly Place[]): Promise<readonly Place[]> {
    const holders = places.flatMap(({ holder }) => holder ?? [])
    const uploading = new Set(await this.#options.uploadingOf([...new Set(holders)]))
    // Of several places of one upload the first one counts.
    return places.filter(({ holder }) => holder === undefined || !uploading.delete(holder))
  }

  #writeOf(userId: UserId, { place, holder }: Place): CassandraWrite {
    const { keyspace } = this.#options.client
    return {
      statement: `INSERT INTO ${keyspace}.uploading (user, place, attachment) VALUES (?, ?, ?)`,
      values: [userId, place, holder === undefined ? NOBODY : idBytes(holder)],
    }
  }
}

function parsePlace(row: CassandraRow): Place {
  const holder = row['attachment'] as Buffer
  return { place: row['place'] as number, holder: parseAttachmentId(holder.toString('base64url')) }
}
