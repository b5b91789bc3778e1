import { LIMITS, parseUserId, type ReactionCount, type Seq } from '@satchel/protocol'
import type { LogPosition } from '../../ports/command-log.ts'
import type { ConversationCommit } from '../../ports/conversation-store.ts'
import { afterPrefix, reactionKey, reactionKindKey, seqOfKey, textAfterSeq } from './cell-key.ts'
import { formatCell, parsePosition } from '../cell-value.ts'
import { parseReactionKind } from './embedded-cell.ts'
import type { Cells } from './cells.ts'
import { comparePositions } from './conversation-rows.ts'
import type { StoreTransaction } from './store-transaction.ts'

type StoredReaction = ConversationCommit['reactions'][number]

/**
 * Stages reactions as rows that hold the position they came about at, and beside them how many there are of
 * each kind: a message that thousands reacted to is read without reading all of them.
 */
export function writeReactions(
  transaction: StoreTransaction,
  conversation: Buffer,
  reactions: readonly StoredReaction[],
): void {
  const cells = transaction.databases.conversations
  for (const reaction of reactions) {
    const { target, emoji, userId, removed, position } = reaction
    const key = reactionKey(conversation, target, emoji, userId)
    const isThere = transaction.read(cells, key) !== undefined
    if (isThere !== removed) continue
    if (removed) transaction.remove(cells, key)
    else transaction.put(cells, key, formatCell(position))
    count(transaction, conversation, reaction)
  }
}

function count(
  transaction: StoreTransaction,
  conversation: Buffer,
  { target, emoji, removed, position }: StoredReaction,
): void {
  const cells = transaction.databases.conversations
  const key = reactionKindKey(conversation, target, emoji)
  const bytes = transaction.read(cells, key)
  const kind = bytes === undefined ? { count: 0, first: position } : parseReactionKind(bytes)
  const changed = { ...kind, count: kind.count + (removed ? -1 : 1) }
  if (changed.count <= 0) transaction.remove(cells, key)
  else transaction.put(cells, key, formatCell(changed))
}

interface Kind {
  readonly first: LogPosition
  readonly shown: ReactionCount
}

/** The reactions of messages `from` to `to`: kinds in the order of their first reaction. */
export function readReactions(
  cells: Cells,
  conversation: Buffer,
  from: Seq,
  to: Seq,
): ReadonlyMap<Seq, readonly ReactionCount[]> {
  const found = new Map<Seq, Kind[]>()
  const range = cells.getRange({
    start: reactionKindKey(conversation, from),
    end: afterPrefix(reactionKindKey(conversation, to)),
  })
  // To its end first: reading names within would read one range inside another.
  for (const { key, value } of Array.from(range)) {
    const seq = seqOfKey(key)
    const kinds = found.get(seq) ?? []
    found.set(seq, kinds)
    const emoji = textAfterSeq(key)
    const { count: size, first } = parseReactionKind(value)
    if (size > LIMITS.smallConversationMembers) kinds.push({ first, shown: { emoji, count: size } })
    else kinds.push(readNamed(cells, conversation, seq, emoji))
  }
  return new Map(Array.from(found, ([seq, kinds]) => [seq, shownOf(kinds)]))
}

/** A kind with everybody's name, in the order in which they reacted. */
function readNamed(cells: Cells, conversation: Buffer, seq: Seq, emoji: string): Kind {
  const start = reactionKey(conversation, seq, emoji)
  const reactors = Array.from(
    cells.getRange({ start, end: afterPrefix(start) }),
    ({ key, value }) => ({
      userId: parseUserId(Buffer.from(key.subarray(start.length)).toString()),
      position: parsePosition(value),
    }),
  ).sort((left, right) => comparePositions(left.position, right.position))
  const userIds = reactors.flatMap(({ userId }) => userId ?? [])
  const first = reactors[0]?.position ?? { generation: 0, record: 0, index: 0 }
  return { first, shown: { emoji, count: reactors.length, userIds } }
}

function shownOf(kinds: readonly Kind[]): readonly ReactionCount[] {
  return kinds
    .toSorted((left, right) => comparePositions(left.first, right.first))
    .slice(0, LIMITS.reactionKindsPerMessage)
    .map(({ shown }) => shown)
}
