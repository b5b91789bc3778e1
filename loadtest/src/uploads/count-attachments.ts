import { requestCql } from '../../../scripts/services/cql-request.mjs'

export interface CatalogueCounts {
  /** Rows of attachments in the store. */
  readonly rows: number
  /** Rows that nothing has changed since `begin_upload` made them: those of open uploads whose bytes have not begun to move. */
  readonly untouched: number
}

/** It reads every row there is. */
const TIMEOUT_MS = 120_000

/** Counts attachments where they are kept, without the product. */
export async function countAttachments(
  cassandra: string,
  keyspace: string,
): Promise<CatalogueCounts> {
  const count = async (condition: string): Promise<number> => {
    const statement = `SELECT CAST(COUNT(*) AS text) FROM ${keyspace}.attachments ${condition}`
    const [row] = await requestCql(cassandra, statement, TIMEOUT_MS)
    return Number(row?.[0])
  }
  return { rows: await count(''), untouched: await count('WHERE version = 1 ALLOW FILTERING') }
}
