import type { ConversationId, UserId } from '@satchel/protocol'
import type { Erasures } from '../../ports/erasures.ts'
import { formatCell, parseCell } from '../cell-value.ts'
import { erasureOf, type ErasureLine, type FirstErasureLine } from '../erasure-lines.ts'
import { afterPrefix, conversationKey, userKey } from './cell-key.ts'
import type { EmbeddedStore } from './embedded-store.ts'
import { dueKey } from './media-key.ts'
import type { StoreTransaction } from './store-transaction.ts'

/** Where the first line of an erasure is, before those of conversations. */
const FIRST = Buffer.alloc(0)

/** Lines by user, time of asking, and conversation. */
export function openEmbeddedErasures(
  store: Pick<EmbeddedStore, 'openDatabase' | 'write'>,
): Erasures {
  const lines = store.openDatabase('erasures')

  /** The first line of a user's latest erasure. */
  function readFirst(userId: UserId): FirstErasureLine | undefined {
    let first: FirstErasureLine | undefined
    const start = userKey(userId)
    for (const { value } of lines.getRange({ start, end: afterPrefix(start) })) {
      const line = parseLine(value)
      if (isFirst(line)) first = line
    }
    return first
  }

  function done(transaction: StoreTransaction, key: Buffer, nowMs: number): void {
    const stored = transaction.read(lines, key)
    const line = stored === undefined ? undefined : parseLine(stored)
    if (line === undefined || line.doneMs !== undefined) return
    transaction.put(lines, key, formatCell({ ...line, doneMs: nowMs }))
  }

  return {
    async read(userId) {
      const first = readFirst(userId)
      if (first === undefined) return undefined
      const start = lineKey(userId, first.askedMs)
      const range = lines.getRange({ start, end: afterPrefix(start), exclusiveStart: true })
      return erasureOf(
        first,
        Array.from(range, ({ value }) => parseLine(value)),
      )
    },
    async begin(erasure) {
      const key = lineKey(erasure.userId, erasure.askedMs)
      await store.write((transaction) =>
        transaction.putIfAbsent(lines, key, formatCell({ ...erasure })),
      )
    },
    async expect({ userId, askedMs }, conversationIds) {
      await store.write((transaction) => {
        for (const id of conversationIds)
          transaction.putIfAbsent(lines, lineKey(userId, askedMs, id), formatCell({}))
      })
    },
    async expectNoMore({ userId, askedMs }, nowMs) {
      await store.write((transaction) => done(transaction, lineKey(userId, askedMs), nowMs))
    },
    async finish(userId, conversationId, nowMs) {
      const first = readFirst(userId)
      if (first === undefined) return
      const key = lineKey(userId, first.askedMs, conversationId)
      await store.write((transaction) => done(transaction, key, nowMs))
    },
  }
}

function lineKey(userId: UserId, askedMs: number, id?: ConversationId): Buffer {
  const ending = id === undefined ? FIRST : conversationKey(id)
  return userKey(userId, dueKey(askedMs, ending))
}

function isFirst(line: ErasureLine | FirstErasureLine): line is FirstErasureLine {
  return 'askedBy' in line
}

function parseLine(bytes: Uint8Array): ErasureLine | FirstErasureLine {
  return parseCell(bytes) as ErasureLine | FirstErasureLine
}
