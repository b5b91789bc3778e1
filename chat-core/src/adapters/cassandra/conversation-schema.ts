/**
 * The tables of conversations. A row is one cell, written whole, and removed by an empty value.
 *
 * - `timeline` and `reactions` share their partition key, and so do `conversation` and `marks`: what is
 *   written to both in one batch is one write, which costs a node as much as one row.
 * - `conversation` is read by its owner alone, whole; its blocking read repair makes what the owner saw a
 *   quorum's.
 */
export function conversationTables(keyspace: string): readonly string[] {
  const table = (definition: string) => `CREATE TABLE IF NOT EXISTS ${keyspace}.${definition}`
  return [
    table(`conversation (
      conversation blob, section tinyint, key text, value blob,
      PRIMARY KEY ((conversation), section, key)
    )`),
    table(`timeline (
      conversation blob, bucket int, seq bigint,
      event blob, body blob, attachments map<text, blob>, reactions map<text, blob>,
      PRIMARY KEY ((conversation, bucket), seq)
    )`),
    table(`reactions (
      conversation blob, bucket int, seq bigint, emoji text, user text, value blob,
      PRIMARY KEY ((conversation, bucket), seq, emoji, user)
    )`),
    table(`marks (
      conversation blob, user text, read blob, delivered blob,
      PRIMARY KEY ((conversation), user)
    )`),
    table(`inbox (
      user text, conversation blob, value blob,
      PRIMARY KEY ((user), conversation)
    )`),
    table(`mentions (
      user text, conversation blob, seq bigint,
      PRIMARY KEY ((user, conversation), seq)
    )`),
    table(`followers (
      channel blob, shard int, user text, value blob,
      PRIMARY KEY ((channel, shard), user)
    )`),
    table(`following (
      user text, channel blob, value blob,
      PRIMARY KEY ((user), channel)
    )`),
    table(`users (
      user text PRIMARY KEY, value blob
    )`),
    table(`user_names (
      initial text, shard int, name text, user text,
      PRIMARY KEY ((initial, shard), name, user)
    )`),
    table(`checkpoints (
      partition int PRIMARY KEY, value blob
    )`),
  ]
}
