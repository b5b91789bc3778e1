import { parseAttachmentId, type AttachmentId, type UserId } from '@satchel/protocol'
import type { CassandraClient, CassandraRow } from './cassandra-client.ts'
import { idBytes } from './stored-id.ts'

export interface UploadPlacesOptions {
  readonly client: Pick<CassandraClient, 'keyspace' | 'read' | 'write' | 'writeTogether'>
  /** Whether an upload still needs its place. */
  readonly isUploading: (id: AttachmentId) => Promise<boolean>
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

  /** False when all `count` places are held by uploads that are pending. */
  async take(userId: UserId, id: AttachmentId, count: number): Promise<boolean> {
    const places = await this.#read(userId, count)
    if (places.some(({ holder }) => holder === id)) return true
    const empty = places.find(({ holder }) => holder === undefined)
    if (empty !== undefined) {
      await this.#write(userId, [{ place: empty.place, holder: id }])
      return true
    }
    const [first, ...others] = await this.#findLeft(places)
    if (first === undefined) return false
    await this.#write(userId, [
      { place: first.place, holder: id },
      ...others.map(({ place }) => ({ place, holder: undefined })),
    ])
    return true
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
    const seen = new Set<AttachmentId | undefined>()
    const left = await Promise.all(
      places.map(async (place) => {
        const { holder } = place
        const isFirst = !seen.has(holder)
        seen.add(holder)
        const isHeld = holder !== undefined && isFirst && (await this.#options.isUploading(holder))
        return isHeld ? [] : [place]
      }),
    )
    return left.flat()
  }

  async #write(userId: UserId, places: readonly Place[]): Promise<void> {
    const { client } = this.#options
    await client.writeTogether(
      places.map(({ place, holder }) => ({
        statement: `INSERT INTO ${client.keyspace}.uploading (user, place, attachment) VALUES (?, ?, ?)`,
        values: [userId, place, holder === undefined ? NOBODY : idBytes(holder)],
      })),
    )
  }
}

function parsePlace(row: CassandraRow): Place {
  const holder = row['attachment'] as Buffer
  return { place: row['place'] as number, holder: parseAttachmentId(holder.toString('base64url')) }
}
