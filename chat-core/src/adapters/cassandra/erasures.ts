import type { UserId } from '@satchel/protocol'
import type { Erasures } from '../../ports/erasures.ts'
import { erasureOf, type ErasureLine, type FirstErasureLine } from '../erasure-lines.ts'
import { inParallel } from '../in-parallel.ts'
import type { CassandraClient, CassandraRow, CassandraValue } from './cassandra-client.ts'
import { conversationKey } from './conversation-key.ts'

interface StoredLine extends ErasureLine {
  readonly conversation: Buffer
}

/** Where the first line of an erasure is, before those of conversations. */
const FIRST = Buffer.alloc(0)
const LINES_AT_ONCE = 1_000
const WRITES_AT_ONCE = 50

/**
 * Lines by user, time of asking, and conversation. That something is to be done and that it is done are cells of
 * their own, so that it does not matter whose clock is ahead.
 */
export function openCassandraErasures(
  client: Pick<CassandraClient, 'keyspace' | 'read' | 'write'>,
): Erasures {
  const statements = statementsOf(`${client.keyspace}.erasures`)

  async function readLatestMs(userId: UserId): Promise<number | undefined> {
    const [askedMs] = await client.read(statements.selectLatest, [userId], (row) =>
      Number(row['asked_ms']),
    )
    return askedMs
  }

  async function readFirst(userId: UserId): Promise<FirstErasureLine | undefined> {
    const askedMs = await readLatestMs(userId)
    if (askedMs === undefined) return undefined
    const values = [userId, BigInt(askedMs), FIRST]
    const [line] = await client.read(statements.selectLine, values, (row) => ({
      ...{ userId, askedMs, askedBy: row['asked_by'] as string },
      doneMs: parseLine(row).doneMs,
    }))
    return line
  }

  async function readLines(userId: UserId, askedMs: number): Promise<readonly ErasureLine[]> {
    const lines: StoredLine[] = []
    for (;;) {
      const after = lines.at(-1)?.conversation ?? FIRST
      const values = [userId, BigInt(askedMs), after, LINES_AT_ONCE]
      const page = await client.read(statements.selectLines, values, parseLine)
      lines.push(...page)
      if (page.length < LINES_AT_ONCE) return lines
    }
  }

  async function done(line: readonly CassandraValue[], nowMs: number): Promise<void> {
    const [stored] = await client.read(statements.selectLine, line, parseLine)
    if (stored === undefined || stored.doneMs !== undefined) return
    await client.write(statements.insertDone, [...line, BigInt(nowMs)])
  }

  return {
    async read(userId) {
      const first = await readFirst(userId)
      return first && erasureOf(first, await readLines(userId, first.askedMs))
    },
    async begin({ userId, askedMs, askedBy }) {
      await client.write(statements.insertFirst, [userId, BigInt(askedMs), FIRST, askedBy])
    },
    async expect({ userId, askedMs }, conversationIds) {
      await inParallel(conversationIds, WRITES_AT_ONCE, (id) =>
        client.write(statements.insertLine, [userId, BigInt(askedMs), conversationKey(id)]),
      )
    },
    async expectNoMore({ userId, askedMs }, nowMs) {
      await done([userId, BigInt(askedMs), FIRST], nowMs)
    },
    async finish(userId, conversationId, nowMs) {
      const askedMs = await readLatestMs(userId)
      if (askedMs === undefined) return
      await done([userId, BigInt(askedMs), conversationKey(conversationId)], nowMs)
    },
  }
}

function statementsOf(table: string) {
  const ofErasure = 'user = ? AND asked_ms = ?'
  const insert = (columns: string, values: string) =>
    `INSERT INTO ${table} (user, asked_ms, conversation${columns}) VALUES (?, ?, ?${values})`
  return {
    selectLatest: `SELECT asked_ms FROM ${table} WHERE user = ? LIMIT 1`,
    selectLine: `SELECT conversation, asked_by, done_ms FROM ${table} WHERE ${ofErasure} AND conversation = ?`,
    selectLines: `SELECT conversation, done_ms FROM ${table} WHERE ${ofErasure} AND conversation > ? LIMIT ?`,
    insertFirst: insert(', asked_by', ', ?'),
    insertLine: insert('', ''),
    insertDone: insert(', done_ms', ', ?'),
  }
}

function parseLine(row: CassandraRow): StoredLine {
  const doneMs = row['done_ms']
  return {
    conversation: row['conversation'] as Buffer,
    doneMs: doneMs === null || doneMs === undefined ? undefined : Number(doneMs),
  }
}
