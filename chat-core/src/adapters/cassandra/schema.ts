import { conversationTables } from './conversation-schema.ts'
import { mediaTables } from './media-schema.ts'

/**
 * Of the statements below. A release adds to them and takes nothing away: with one release before and
 * after it side by side, each finds what it knows.
 */
export const SCHEMA_VERSION = 3

/** What makes every table of a keyspace that is not there yet, in this order; running it again changes nothing. */
export function schemaStatements(keyspace: string): readonly string[] {
  return [deploymentTable(keyspace), ...conversationTables(keyspace), ...mediaTables(keyspace)]
}

/** One row says what the keyspace was provisioned as. */
function deploymentTable(keyspace: string): string {
  return `CREATE TABLE IF NOT EXISTS ${keyspace}.deployment (
    name text PRIMARY KEY,
    schema_version int,
    partitions int,
    partition_hash text,
    generation int
  )`
}
