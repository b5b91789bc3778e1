import { ChatError } from '@satchel/protocol'
import type { ConversationId, OutboxId, UserId } from '@satchel/protocol'
import type {
  ConversationRow,
  ConversationState,
  HeadRow,
  IdempotencyRow,
  OutboxOwner,
  OutboxRow,
} from './conversation-state.ts'

/**
 * Applies rows, in their order, to the state itself; makes the state when there is none, for which
 * a head row must be among them.
 */
export function evolve(
  state: ConversationState | undefined,
  id: ConversationId,
  rows: readonly ConversationRow[],
): ConversationState {
  const evolved = state ?? emptyState(id, requireHead(id, rows))
  for (const row of rows) applyRow(evolved, row)
  return evolved
}

/** The state that consists of `rows`, in whatever order. */
export function stateFrom(id: ConversationId, rows: readonly ConversationRow[]): ConversationState {
  return evolve(undefined, id, rows)
}

function emptyState(id: ConversationId, head: HeadRow): ConversationState {
  return {
    id,
    head,
    details: {},
    pins: [],
    members: new Map(),
    outboxes: new Map(),
    outboxSlots: [],
    answerCount: 0,
    idempotency: new Map(),
  }
}

function requireHead(id: ConversationId, rows: readonly ConversationRow[]): HeadRow {
  const head = rows.find((row) => row.row === 'head')
  if (head === undefined) throw new ChatError('internal', `conversation ${id} has no head row`)
  return head.value
}

function applyRow(state: ConversationState, row: ConversationRow): void {
  switch (row.row) {
    case 'head':
      state.head = row.value
      return
    case 'details':
      state.details = row.value
      return
    case 'pins':
      state.pins = row.value
      return
    case 'member':
      if (row.value === undefined) state.members.delete(row.userId)
      else state.members.set(row.userId, row.value)
      return
    case 'outbox':
      applyOutbox(state, row.userId, row.outbox, row.value)
      return
    case 'idempotency':
      state.answerCount += answersIn(row.value) - answersIn(state.idempotency.get(row.bucket))
      state.idempotency.set(row.bucket, row.value)
      return
    default:
      row satisfies never
  }
}

function applyOutbox(
  state: ConversationState,
  userId: UserId,
  outbox: OutboxId,
  value: OutboxRow,
): void {
  const before = state.outboxSlots[value.slot]
  if (before?.outbox !== outbox || before.userId !== userId) {
    if (before !== undefined) forgetOutbox(state, before)
    state.outboxSlots[value.slot] = { userId, outbox }
  }
  let outboxes = state.outboxes.get(userId)
  if (outboxes === undefined) {
    outboxes = new Map()
    state.outboxes.set(userId, outboxes)
  }
  state.answerCount += answersIn(value) - answersIn(outboxes.get(outbox))
  outboxes.set(outbox, value)
}

function forgetOutbox(state: ConversationState, { userId, outbox }: OutboxOwner): void {
  const outboxes = state.outboxes.get(userId)
  if (outboxes === undefined) return
  state.answerCount -= answersIn(outboxes.get(outbox))
  outboxes.delete(outbox)
  if (outboxes.size === 0) state.outboxes.delete(userId)
}

function answersIn(row: OutboxRow | IdempotencyRow | undefined): number {
  return row?.answers.length ?? 0
}
