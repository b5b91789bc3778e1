import type { ConversationRow, ConversationState } from '../../src/domain/index.ts'

/** Every row of a state: `stateFrom` of them is the same state again. */
export function rowsOf(state: ConversationState): ConversationRow[] {
  const rows: ConversationRow[] = [
    { row: 'head', value: state.head },
    { row: 'details', value: state.details },
    { row: 'pins', value: state.pins },
  ]
  for (const [userId, value] of state.members) rows.push({ row: 'member', userId, value })
  for (const [userId, outboxes] of state.outboxes) {
    for (const [outbox, value] of outboxes) rows.push({ row: 'outbox', userId, outbox, value })
  }
  for (const [bucket, value] of state.idempotency) rows.push({ row: 'idempotency', bucket, value })
  return rows
}
