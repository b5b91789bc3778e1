import { conversationKindOf } from '@satchel/protocol'
import type { UserId } from '@satchel/protocol'
import type { Command, SendMessage } from './command.ts'
import { created } from './conversation-rules.ts'
import type { DecideContext } from './decision.ts'
import { evolve } from './evolve.ts'
import { addMembers } from './membership-rules.ts'
import { newcomersAmong } from './membership.ts'
import { sendMessage } from './message-rules.ts'
import { refused } from './turn.ts'
import type { Applied, Outcome, Turn } from './turn.ts'

/** The first message to somebody: makes the conversation (seq 1) and is sent in it (seq 2), or neither. */
export function openDirect(
  command: Command,
  content: SendMessage,
  to: UserId,
  context: DecideContext,
): Outcome {
  const { conversationId, authorId } = command
  if (to === authorId || conversationKindOf(conversationId) !== 'direct')
    return refused('bad_request', 'a direct conversation needs another person')
  const opening = created(authorId, 'direct', {}, [to], context.timeMs)
  const state = evolve(undefined, conversationId, opening.rows)
  const sent = sendMessage({ state, command, context, timeMs: context.timeMs }, content)
  return sent.kind === 'refused' ? sent : bothOf(opening, sent)
}

/**
 * A message in a conversation that exists. Named by the other person, it reaches both: who was erased
 * here and is spoken to again, or speaks, is a member again first.
 */
export function sendOrReopen(turn: Turn, content: SendMessage): Outcome {
  const { state, command } = turn
  if (command.to === undefined || state.head.kind !== 'direct') return sendMessage(turn, content)
  const missing = newcomersAmong(state, [command.authorId, command.to])
  if (missing.length === 0) return sendMessage(turn, content)
  const back = addMembers(turn, missing)
  if (back.kind === 'refused') return back
  // Of two members at most: the only place where members are copied.
  const reopened = evolve({ ...state, members: new Map(state.members) }, state.id, back.rows)
  const sent = sendMessage({ ...turn, state: reopened }, content)
  return sent.kind === 'refused' ? sent : bothOf(back, sent)
}

/** The second's head row replaces the first's. */
function bothOf(first: Applied, second: Applied): Applied {
  return {
    ...second,
    events: [...first.events, ...second.events],
    rows: [...first.rows.filter(({ row }) => row !== 'head'), ...second.rows],
  }
}
