import type { ConversationId, Seq } from '@satchel/protocol'
import type { ConversationRow, ConversationState } from '../../src/domain/conversation-state.ts'
import { decide, targetsOf } from '../../src/domain/decide.ts'
import type { EventFacts, RulesSettings } from '../../src/domain/decision.ts'
import { evolve, stateFrom } from '../../src/domain/evolve.ts'
import { factsOf } from '../../src/domain/facts-of.ts'
import type { LogEntry } from '../../src/ports/command-log.ts'
import { rowsOf } from '../support/rows-of.ts'
import type { Servers } from './servers.ts'
import type { KeptRecord } from './simulated-log.ts'

interface Replayed {
  state: ConversationState | undefined
  readonly facts: Map<Seq, EventFacts>
}

/**
 * Applies the whole log from its start, one command after another, and compares what comes out with what
 * the owners left in the store, row by row.
 */
export function findReplayDifference({ log, store }: Servers): readonly string[] {
  const conversations = new Map<ConversationId, Replayed>()
  for (const { records } of log.partitions) replay(records, conversations)
  const problems: string[] = []
  for (const [id, { state }] of conversations) {
    const stored = store.readConversation(id)
    const replayed = state === undefined ? [] : rowsOf(state)
    const kept = stored === undefined ? [] : rowsOf(stateFrom(id, stored.rows))
    for (const row of differing(replayed, kept)) problems.push(`replay differs in ${id}: ${row}`)
  }
  return problems
}

function replay(
  records: readonly KeptRecord[],
  conversations: Map<ConversationId, Replayed>,
): void {
  const first = records.find((record) => record.kind === 'epoch')
  if (first?.kind !== 'epoch') return
  let { settings } = first.epoch
  for (const record of records) {
    if (record.kind === 'epoch') ({ settings } = record.epoch)
    else for (const entry of record.entries) apply(entry, record.timeMs, settings, conversations)
  }
}

function apply(
  { command }: LogEntry,
  timeMs: number,
  settings: RulesSettings,
  conversations: Map<ConversationId, Replayed>,
): void {
  const { conversationId: id } = command
  const conversation: Replayed = conversations.get(id) ?? { state: undefined, facts: new Map() }
  conversations.set(id, conversation)
  const targets = new Map<Seq, EventFacts>()
  for (const seq of targetsOf(command)) {
    const facts = conversation.facts.get(seq)
    if (facts !== undefined) targets.set(seq, facts)
  }
  const decision = decide(conversation.state, command, { timeMs, settings, targets })
  if (decision.rows.length > 0) conversation.state = evolve(conversation.state, id, decision.rows)
  for (const event of decision.events) conversation.facts.set(event.seq, factsOf(event))
}

function differing(
  some: readonly ConversationRow[],
  others: readonly ConversationRow[],
): readonly string[] {
  const [one, other] = [textsOf(some), textsOf(others)]
  return [
    ...one.filter((text) => !other.includes(text)),
    ...other.filter((text) => !one.includes(text)),
  ]
}

function textsOf(rows: readonly ConversationRow[]): readonly string[] {
  return rows.map((row) => JSON.stringify(row))
}
