import type { InboxChange, MentionChange } from '../../ports/conversation-store.ts'
import { userKey, userSeqKey } from './cell-key.ts'
import { formatNumber } from './number-cell.ts'
import type { StoreTransaction } from './store-transaction.ts'

const NOTHING = Buffer.alloc(0)
export function writeInbox(
  transaction: StoreTransaction,
  conversation: Buffer,
  changes: readonly InboxChange[],
): void {
  const cells = transaction.databases.inbox
  for (const { userId, value } of changes) {
    const key = userKey(userId, conversation)
    if (value === undefined) transaction.remove(cells, key)
    else transaction.put(cells, key, formatNumber(value.joinedSeq))
  }
}

/** Everybody's mention is one row, under no user. */
export function writeMentions(
  transaction: StoreTransaction,
  conversation: Buffer,
  changes: readonly MentionChange[],
): void {
  const cells = transaction.databases.mentions
  for (const { userId, seq } of changes)
    transaction.put(cells, userSeqKey(userId, conversation, seq), NOTHING)
}
