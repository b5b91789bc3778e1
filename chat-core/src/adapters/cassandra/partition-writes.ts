import type { CassandraValue, CassandraWrite } from './cassandra-client.ts'

export const MAX_BATCH_BYTES = 64 * 1024
/** What a write takes besides its values: the statement's id, lengths, and what a node keeps about cells. */
const WRITE_BYTES = 64
const NUMBER_BYTES = 8

interface Batch {
  readonly writes: CassandraWrite[]
  bytes: number
}

/** Writes gathered by partition: each batch it gives is of one partition, and of at most `MAX_BATCH_BYTES`. */
export class PartitionWrites {
  readonly #batches = new Map<string, Batch[]>()

  /** `partition` names the key of all these writes; they stay together, so they must be few. None are no batch. */
  add(partition: string, ...writes: readonly CassandraWrite[]): void {
    if (writes.length === 0) return
    const bytes = sizeOf(writes)
    const batches = this.#batches.get(partition)
    if (batches === undefined) {
      this.#batches.set(partition, [{ writes: [...writes], bytes }])
      return
    }
    const last = batches.at(-1)
    if (last === undefined || last.bytes + bytes > MAX_BATCH_BYTES) {
      batches.push({ writes: [...writes], bytes })
      return
    }
    last.writes.push(...writes)
    last.bytes += bytes
  }

  list(): readonly (readonly CassandraWrite[])[] {
    return [...this.#batches.values()].flat().map(({ writes }) => writes)
  }
}

/** About how many bytes these take on their way and in a node. */
export function sizeOf(writes: readonly CassandraWrite[]): number {
  let bytes = 0
  for (const { values } of writes) {
    bytes += WRITE_BYTES
    for (const value of values) bytes += valueBytes(value)
  }
  return bytes
}

function valueBytes(value: CassandraValue): number {
  if (typeof value === 'string') return Buffer.byteLength(value)
  return Buffer.isBuffer(value) ? value.length : NUMBER_BYTES
}
