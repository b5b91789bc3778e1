import type { ConversationEvent, ReactionCount, Seq } from '@satchel/protocol'
import { LIMITS, parseUserId } from '@satchel/protocol'
import type { ChangedPart, ConversationCommit } from '../../ports/conversation-store.ts'
import type { LogPosition } from '../../ports/command-log.ts'
import { comparePositions } from './conversation-rows.ts'
import {
  afterPrefix,
  eventKey,
  reactionKey,
  reactionsKey,
  seqOfKey,
  textAfterSeq,
} from './cell-key.ts'
import { formatCell, parseEvent, parsePosition } from './cell-value.ts'
import type { Cells } from './embedded-store.ts'
import type { StoreTransaction } from './store-transaction.ts'

/**
 * Stages events. A change is stored without the part it changed: that lies in the target's row only,
 * so that what is deleted there is gone.
 */
export function writeEvents(
  transaction: StoreTransaction,
  conversation: Buffer,
  events: readonly ConversationEvent[],
): void {
  const cells = transaction.databases.conversations
  for (const event of events)
    transaction.put(cells, eventKey(conversation, event.seq), formatCell(storedEvent(event)))
}

/** Stages changed parts into the rows of their messages; a part older than the stored one is left out. */
export function writeParts(
  transaction: StoreTransaction,
  conversation: Buffer,
  parts: readonly ChangedPart[],
): void {
  const cells = transaction.databases.conversations
  for (const part of parts) {
    const key = eventKey(conversation, part.target)
    const bytes = transaction.read(cells, key)
    if (bytes === undefined) continue
    const changed = withPart(parseEvent(bytes), part)
    if (changed !== undefined) transaction.put(cells, key, formatCell(changed))
  }
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
  const found = new Map<Seq, Map<string, Kind>>()
  const range = cells.getRange({
    start: reactionsKey(conversation, from),
    end: afterPrefix(reactionsKey(conversation, to)),
  })
  for (const { key, value } of range) {
    const seq = seqOfKey(key)
    const [emoji = '', user = ''] = textAfterSeq(key).split('\0')
    const kinds = found.get(seq) ?? new Map<string, Kind>()
    found.set(seq, kinds)
    const first = parsePosition(value)
    const kind = kinds.get(emoji) ?? { emoji, first, reactors: [] }
    kinds.set(emoji, kind)
    if (comparePositions(first, kind.first) < 0) kind.first = first
    kind.reactors.push({ user, position: first })
  }
  return new Map([...found].map(([seq, kinds]) => [seq, countsOf([...kinds.values()])]))
}

interface Kind {
  readonly emoji: string
  first: LogPosition
  readonly reactors: { readonly user: string; readonly position: LogPosition }[]
}

function countsOf(kinds: readonly Kind[]): readonly ReactionCount[] {
  return kinds
    .toSorted((left, right) => comparePositions(left.first, right.first))
    .slice(0, LIMITS.reactionKindsPerMessage)
    .map(({ emoji, reactors }) => ({
      emoji,
      count: reactors.length,
      ...(reactors.length <= LIMITS.smallConversationMembers && {
        userIds: reactors
          .toSorted((left, right) => comparePositions(left.position, right.position))
          .flatMap(({ user }) => parseUserId(user) ?? []),
      }),
    }))
}

function storedEvent(event: ConversationEvent): ConversationEvent {
  const { content } = event
  return content.kind === 'message_edited'
    ? { ...event, content: { kind: content.kind, target: content.target } }
    : event
}

function withPart(event: ConversationEvent, part: ChangedPart): ConversationEvent | undefined {
  const { content } = event
  if (content.kind !== 'message_sent') return undefined
  if (part.part === 'body') {
    if (part.value.version <= content.body.version) return undefined
    return { ...event, content: { ...content, body: part.value } }
  }
  const stored = content.attachments?.find(({ id }) => id === part.value.id)
  if (stored === undefined || part.value.version <= stored.version) return undefined
  const attachments = content.attachments?.map((one) => (one === stored ? part.value : one))
  return { ...event, content: { ...content, attachments } }
}
