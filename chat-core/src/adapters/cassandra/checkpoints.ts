import { packPosition } from '../../domain/log-position.ts'
import type { Checkpoint, Checkpoints } from '../../ports/checkpoints.ts'
import { formatCell, parseCell } from '../cell-value.ts'
import type { CassandraClient, CassandraRow } from './cassandra-client.ts'

/** One row per partition, written with its place in the log as the timestamp. */
export function openCassandraCheckpoints(
  client: Pick<CassandraClient, 'keyspace' | 'read' | 'write'>,
): Checkpoints {
  const table = `${client.keyspace}.checkpoints`
  const insert = `INSERT INTO ${table} (partition, value) VALUES (?, ?)`
  const select = `SELECT value FROM ${table} WHERE partition = ?`
  return {
    async read(partition) {
      const [checkpoint] = await client.read(select, [partition], parseCheckpoint)
      return checkpoint
    },
    async write(partition, checkpoint) {
      const { generation, record } = checkpoint
      const timestamp = packPosition({ generation, record, index: 0 })
      await client.write(insert, [partition, formatCell(checkpoint)], timestamp)
    },
  }
}

function parseCheckpoint(row: CassandraRow): Checkpoint {
  const { generation, record, epoch } = parseCell(row['value'] as Buffer) as Checkpoint
  return { generation, record, epoch }
}
