import { LIMITS } from '@satchel/protocol'
import type { UserId } from '@satchel/protocol'
import type { Command, CommandKey } from './command.ts'
import { fnv1a32 } from './fnv.ts'
import type {
  ConversationRow,
  ConversationState,
  OutboxOwner,
  OutboxRow,
  RecordedAnswer,
  RememberedAnswer,
} from './conversation-state.ts'

const IDEMPOTENCY_BUCKETS = 64
const ANSWERS_PER_BUCKET = 16

type OutboxKey = Extract<CommandKey, { readonly kind: 'outbox' }>
type IdempotencyKey = Extract<CommandKey, { readonly kind: 'idempotency' }>

/** What is known of a command's key before it is decided. */
export type Recollection =
  | { readonly kind: 'new' }
  | { readonly kind: 'answered'; readonly answer: RecordedAnswer }
  | { readonly kind: 'conflict' }
  | { readonly kind: 'too_late' }

const NEW: Recollection = { kind: 'new' }
const CONFLICT: Recollection = { kind: 'conflict' }
const TOO_LATE: Recollection = { kind: 'too_late' }

/** Whether the command was answered before. */
export function recall(state: ConversationState, command: Command): Recollection {
  const { key } = command
  switch (key.kind) {
    case 'outbox':
      return recallOutbox(state.outboxes.get(command.authorId)?.get(key.outbox), key, command)
    case 'idempotency': {
      const { answers } = state.idempotency.get(bucketOf(command.authorId, key)) ?? { answers: [] }
      return recollectionOf(
        answers.find(({ hash, authorId }) => hash === key.hash && authorId === command.authorId),
        command,
      )
    }
    case 'none':
      return NEW
    default:
      return key satisfies never
  }
}

/** The rows by which a repetition of the command will be recognised. */
export function remember(
  state: ConversationState | undefined,
  command: Command,
  answer: RecordedAnswer,
  timeMs: number,
): readonly ConversationRow[] {
  const { key, authorId, contentHash } = command
  switch (key.kind) {
    case 'outbox': {
      const { outbox, counter } = key
      const before = state?.outboxes.get(authorId)?.get(outbox)
      const slot = before?.slot ?? findRoom(state, authorId)
      const value = withAnswer(before, slot, { counter, contentHash, answer }, timeMs)
      return [{ row: 'outbox', userId: authorId, outbox, value }]
    }
    case 'idempotency': {
      const bucket = bucketOf(authorId, key)
      const before = state?.idempotency.get(bucket)?.answers ?? []
      const answers = [...before, { hash: key.hash, authorId, contentHash, answer }]
      return [
        { row: 'idempotency', bucket, value: { answers: answers.slice(-ANSWERS_PER_BUCKET) } },
      ]
    }
    case 'none':
      return []
    default:
      return key satisfies never
  }
}

function recallOutbox(row: OutboxRow | undefined, key: OutboxKey, command: Command): Recollection {
  if (row === undefined) return NEW
  // The usual case first: a command newer than all before it.
  if (key.counter > row.highestCounter) return NEW
  const known = row.answers.find(({ counter }) => counter === key.counter)
  if (known === undefined && key.counter <= row.highestCounter - LIMITS.answersPerOutbox)
    return TOO_LATE
  return recollectionOf(known, command)
}

function recollectionOf(known: RememberedAnswer | undefined, command: Command): Recollection {
  if (known === undefined) return NEW
  if (known.contentHash !== command.contentHash) return CONFLICT
  return { kind: 'answered', answer: known.answer }
}

/**
 * Answers stay in the order of their counters and the smallest counter is forgotten first: then
 * whatever was applied above the floor is known, in whatever order it came.
 */
function withAnswer(
  before: OutboxRow | undefined,
  slot: number,
  given: OutboxRow['answers'][number],
  lastUsedMs: number,
): OutboxRow {
  if (before === undefined)
    return { slot, highestCounter: given.counter, lastUsedMs, answers: [given] }
  const answers = before.answers.slice()
  let index = answers.length
  while (index > 0 && (answers[index - 1]?.counter ?? 0) > given.counter) index--
  answers.splice(index, 0, given)
  if (answers.length > LIMITS.answersPerOutbox) answers.shift()
  const highestCounter = Math.max(before.highestCounter, given.counter)
  return { slot, highestCounter, lastUsedMs, answers }
}

interface IdleOutbox extends OutboxOwner {
  readonly slot: number
  readonly lastUsedMs: number
  readonly isMember: boolean
}

/**
 * The slot for one more outbox of this user: the next, or, where one more would be too many, of the user or altogether,
 * that of the outbox idle for longest.
 */
function findRoom(state: ConversationState | undefined, userId: UserId): number {
  if (state === undefined) return 0
  const own = state.outboxes.get(userId)
  const ownIsFull = (own?.size ?? 0) >= LIMITS.outboxesPerUser
  const next = state.outboxSlots.length
  if (!ownIsFull && next < LIMITS.outboxesPerConversation) return next
  return idlestOf(state, ownIsFull ? [userId] : state.outboxes.keys())?.slot ?? next
}

function idlestOf(state: ConversationState, owners: Iterable<UserId>): IdleOutbox | undefined {
  let idlest: IdleOutbox | undefined
  for (const owner of owners) {
    const outboxes = state.outboxes.get(owner) ?? []
    const isMember = state.members.has(owner)
    for (const [outbox, { slot, lastUsedMs }] of outboxes) {
      const candidate = { userId: owner, outbox, slot, lastUsedMs, isMember }
      if (idlest === undefined || leavesBefore(candidate, idlest)) idlest = candidate
    }
  }
  return idlest
}

// Who is not a member goes first: a channel's many followers never push out those who write in it.
function leavesBefore(one: IdleOutbox, other: IdleOutbox): boolean {
  if (one.isMember !== other.isMember) return other.isMember
  if (one.lastUsedMs !== other.lastUsedMs) return one.lastUsedMs < other.lastUsedMs
  if (one.userId !== other.userId) return one.userId < other.userId
  return one.outbox < other.outbox
}

function bucketOf(authorId: UserId, { hash }: IdempotencyKey): number {
  return fnv1a32(`${hash}${authorId}`) % IDEMPOTENCY_BUCKETS
}
