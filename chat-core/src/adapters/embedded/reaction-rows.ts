import { LIMITS, parseUserId, type ReactionCount, type Seq } from '@satchel/protocol'
import type { LogPosition } from '../../ports/command-log.ts'
import type { ConversationCommit } from '../../ports/conversation-store.ts'
import { afterPrefix, reactionKey, reactionsKey, seqOfKey, textAfterSeq } from './cell-key.ts'
import { formatCell, parsePosition } from './cell-value.ts'
import type { Cells } from './cells.ts'
import { comparePositions } from './conversation-rows.ts'
import type { StoreTransaction } from './store-transaction.ts'

interface Reactor {
  readonly user: string
  readonly position: LogPosition
}

/** Stages reactions as rows that hold the position they came about at. */
export function writeReactions(
  transaction: StoreTransaction,
  conversation: Buffer,
  reactions: ConversationCommit['reactions'],
): void {
  const cells = transaction.databases.conversations
  for (const { target, emoji, userId, removed, position } of reactions) {
    const key = reactionKey(conversation, target, emoji, userId)
    if (removed) transaction.remove(cells, key)
    else transaction.putIfAbsent(cells, key, formatCell(position))
  }
}

/** The reactions of messages `from` to `to`: kinds in the order of their first reaction. */
export function readReactions(
  cells: Cells,
  conversation: Buffer,
  from: Seq,
  to: Seq,
): ReadonlyMap<Seq, readonly ReactionCount[]> {
  const found = new Map<Seq, Map<string, Reactor[]>>()
  const range = cells.getRange({
    start: reactionsKey(conversation, from),
    end: afterPrefix(reactionsKey(conversation, to)),
  })
  for (const { key, value } of range) {
    const seq = seqOfKey(key)
    const [emoji = '', user = ''] = textAfterSeq(key).split('\0')
    const kinds = found.get(seq) ?? new Map<string, Reactor[]>()
    found.set(seq, kinds)
    const reactors = kinds.get(emoji) ?? []
    kinds.set(emoji, reactors)
    reactors.push({ user, position: parsePosition(value) })
  }
  return new Map(Array.from(found, ([seq, kinds]) => [seq, countsOf(kinds)]))
}

function countsOf(kinds: ReadonlyMap<string, readonly Reactor[]>): readonly ReactionCount[] {
  return Array.from(kinds, ([emoji, reactors]) => ({
    emoji,
    reactors: reactors.toSorted((left, right) => comparePositions(left.position, right.position)),
  }))
    .toSorted((left, right) => compareFirst(left.reactors, right.reactors))
    .slice(0, LIMITS.reactionKindsPerMessage)
    .map(({ emoji, reactors }) => ({
      emoji,
      count: reactors.length,
      ...(reactors.length <= LIMITS.smallConversationMembers && {
        userIds: reactors.flatMap(({ user }) => parseUserId(user) ?? []),
      }),
    }))
}

function compareFirst(left: readonly Reactor[], right: readonly Reactor[]): number {
  const [first] = left
  const [second] = right
  return first === undefined || second === undefined
    ? 0
    : comparePositions(first.position, second.position)
}
