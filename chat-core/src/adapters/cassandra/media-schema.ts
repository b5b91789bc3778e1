/**
 * The tables of media.
 *
 * - `attachments`, `blobs`, `blob_hashes` and `forbidden_bytes` are written by conditional writes alone, of
 *   which each sees the one before.
 * - `blobs` has the row of a blob under the empty reference, and beside it one for each reference: what
 *   changes both is one conditional write of one partition.
 * - `erasures` is written without conditions: each cell is written with one meaning only.
 * - The others only help to find rows, and are written before them: whoever follows one to a row that does
 *   not agree takes it away. So nothing is lost when a removed one comes back, and tombstones need not
 *   outlast a repair.
 */
export function mediaTables(keyspace: string): readonly string[] {
  const table = (definition: string) => `CREATE TABLE IF NOT EXISTS ${keyspace}.${definition}`
  const index = (definition: string) => `${table(definition)} WITH gc_grace_seconds = 86400`
  return [
    table(`attachments (
      id blob PRIMARY KEY, version int, creation blob, change blob, value blob
    )`),
    index(`uploading (
      user text, place int, attachment blob,
      PRIMARY KEY ((user), place)
    )`),
    index(`conversation_attachments (
      conversation blob, shard tinyint, attachment blob, created_ms bigint,
      PRIMARY KEY ((conversation, shard), attachment)
    )`),
    table(`blobs (
      key blob, reference blob, revision int, value blob,
      PRIMARY KEY ((key), reference)
    )`),
    table(`blob_hashes (
      sha256 blob PRIMARY KEY, key blob
    )`),
    table(`forbidden_bytes (
      sha256 blob PRIMARY KEY, value blob
    )`),
    table(`erasures (
      user text, asked_ms bigint, conversation blob, asked_by text, done_ms bigint,
      PRIMARY KEY ((user), asked_ms, conversation)
    ) WITH CLUSTERING ORDER BY (asked_ms DESC, conversation ASC)`),
    index(`due (
      kind text, bucket int, shard tinyint, due_ms bigint, id blob, noted bigint,
      PRIMARY KEY ((kind, bucket, shard), due_ms, id)
    )`),
    index(`due_buckets (
      kind text, bucket int, noted bigint,
      PRIMARY KEY ((kind), bucket)
    )`),
  ]
}
