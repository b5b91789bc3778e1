import { requestCql } from '../../../scripts/services/cql-request.mjs'

/** It reads every row there is. */
const TIMEOUT_MS = 120_000

/** Counts the rows of attachments where they are kept, without the product. */
export async function countAttachments(cassandra: string, keyspace: string): Promise<number> {
  const statement = `SELECT CAST(COUNT(*) AS text) FROM ${keyspace}.attachments`
  const [row] = await requestCql(cassandra, statement, TIMEOUT_MS)
  return Number(row?.[0])
}
