import type { ForbiddenBytes, ForbiddenContent } from '../../ports/forbidden-bytes.ts'
import { formatCell, parseForbiddenContent } from '../cell-value.ts'
import type { CassandraClient, CassandraRow } from './cassandra-client.ts'
import { idBytes } from './stored-id.ts'

/** Findings by SHA-256, under conditional writes alone. */
export function openCassandraForbiddenBytes(
  client: Pick<CassandraClient, 'keyspace' | 'read' | 'writeIf'>,
): ForbiddenBytes {
  const table = `${client.keyspace}.forbidden_bytes`
  return {
    async add(content) {
      await client.writeIf(
        `INSERT INTO ${table} (sha256, value) VALUES (?, ?) IF NOT EXISTS`,
        [idBytes(content.sha256), formatCell(content)],
        () => undefined,
      )
    },
    async read(sha256) {
      const [content] = await client.read(
        `SELECT value FROM ${table} WHERE sha256 = ?`,
        [idBytes(sha256)],
        parseRow,
      )
      return content
    },
    async remove(sha256) {
      await client.writeIf(
        `DELETE FROM ${table} WHERE sha256 = ? IF EXISTS`,
        [idBytes(sha256)],
        () => undefined,
      )
    },
  }
}

function parseRow(row: CassandraRow): ForbiddenContent {
  return parseForbiddenContent(row['value'] as Buffer)
}
