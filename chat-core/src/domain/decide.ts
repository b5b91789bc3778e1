import type { Seq } from '@satchel/protocol'
import type { Command } from './command.ts'
import { conversationRules, createConversation } from './conversation-rules.ts'
import type { ConversationRow, ConversationState, RecordedAnswer } from './conversation-state.ts'
import type { DecideContext, Decision } from './decision.ts'
import { membershipRules } from './membership-rules.ts'
import { messageRules } from './message-rules.ts'
import { openDirect, sendOrReopen } from './open-direct.ts'
import { recall, remember } from './remember.ts'
import { refused, UNCHANGED } from './turn.ts'
import type { CommandKind, ContentOf, Outcome, Refused, Rules, Turn } from './turn.ts'

/** Of what `decide` does; one more with every change that makes it decide anything differently. */
export const RULES_VERSION = 1

const NO_TARGETS: readonly Seq[] = []

const RULES: Rules = {
  ...conversationRules,
  ...membershipRules,
  ...messageRules,
  send_message: sendOrReopen,
}

/**
 * What becomes of a command. Pure: depends on its arguments alone and changes none of them; the
 * decision's rows, given to `evolve`, make the state the next command meets.
 *
 * - `state` is `undefined` for a conversation that does not exist; when it still does not exist
 *   afterwards, the decision has no rows.
 * - A command answered before gets that answer again, `repeated`, and nothing else follows.
 * - Refusals of members are remembered like answers, and so are those of an outbox that is known here:
 *   whoever was removed may be added again while a command of theirs is still on its way a second time.
 *   Those of strangers leave no trace.
 * - Every event takes the next seq; its time is the record's, or the head's if that is later.
 */
export function decide(
  state: ConversationState | undefined,
  command: Command,
  context: DecideContext,
): Decision {
  if (state === undefined) return decideFirst(command, context)
  const recollection = recall(state, command)
  if (recollection.kind === 'answered') return repeated(recollection.answer)
  const timeMs = Math.max(state.head.timeMs, context.timeMs)
  if (recollection.kind === 'conflict')
    return unremembered(refused('outbox_conflict', 'the command id was used for another command'))
  if (recollection.kind === 'too_late')
    return unremembered(refused('too_late', 'the command id is older than what is remembered'))
  if (createsAgain(state, command))
    return repeated({ kind: 'applied', seq: 1, timeMs: state.head.createdMs })
  const turn = { state, command, context, timeMs }
  return decisionOf(state, command, timeMs, outcomeOf(turn))
}

/**
 * The rejection of a command that made `decide` throw, remembered as any other, so that applying the
 * log again answers the same. `faultId` is what the server's logs know the fault by.
 */
export function decideFault(
  state: ConversationState | undefined,
  command: Command,
  context: DecideContext,
  faultId: string,
): Decision {
  const timeMs = Math.max(state?.head.timeMs ?? 0, context.timeMs)
  return decisionOf(
    state,
    command,
    timeMs,
    refused('internal', `fault ${faultId} while deciding the command`),
  )
}

function decideFirst(command: Command, context: DecideContext): Decision {
  const { timeMs } = context
  return decisionOf(undefined, command, timeMs, firstOutcome(command, context))
}

function firstOutcome(command: Command, context: DecideContext): Outcome {
  const { content, to } = command
  if (command.refusal !== undefined) return heldAgainst(command.refusal)
  if (content.kind === 'create_conversation') return createConversation(command, content, context)
  if (content.kind === 'send_message' && to !== undefined)
    return openDirect(command, content, to, context)
  return refused('no_such_conversation', `conversation ${command.conversationId} does not exist`)
}

function createsAgain({ head }: ConversationState, { content, authorId }: Command): boolean {
  if (content.kind !== 'create_conversation' || head.deleted) return false
  return head.creatorId === authorId && head.kind === content.conversationKind
}

function outcomeOf(turn: Turn): Outcome {
  if (turn.state.head.deleted)
    return refused('conversation_deleted', 'the conversation was deleted')
  if (turn.command.refusal !== undefined) return heldAgainst(turn.command.refusal)
  return applyRule(turn.command.content.kind, turn, turn.command.content)
}

function heldAgainst({ code, message }: NonNullable<Command['refusal']>): Refused {
  return refused(code, message)
}

function applyRule<Kind extends CommandKind>(
  kind: Kind,
  turn: Turn,
  content: ContentOf<Kind>,
): Outcome {
  return RULES[kind](turn, content)
}

function decisionOf(
  state: ConversationState | undefined,
  command: Command,
  timeMs: number,
  outcome: Outcome,
): Decision {
  if (outcome.kind === 'refused') {
    if (state === undefined || !isKnown(state, command)) return unremembered(outcome)
    const answer = rejectionOf(outcome)
    return { ...NOTHING, answer, rows: remember(state, command, answer, timeMs) }
  }
  const { seq, events, rows, reactions, mentioned, jobs, memberSettings } = outcome
  const answer: RecordedAnswer =
    seq === undefined ? { kind: 'applied', timeMs } : { kind: 'applied', seq, timeMs }
  const all: ConversationRow[] = [...rows, ...remember(state, command, answer, timeMs)]
  const decision = { answer, repeated: false, events, reactions, mentioned, rows: all, jobs }
  return memberSettings === undefined ? decision : { ...decision, memberSettings }
}

function isKnown(state: ConversationState, { authorId, key }: Command): boolean {
  if (state.members.has(authorId)) return true
  return key.kind === 'outbox' && state.outboxes.get(authorId)?.has(key.outbox) === true
}

/** The seqs whose facts deciding the command needs. */
export function targetsOf({ content }: Command): readonly Seq[] {
  switch (content.kind) {
    case 'send_message':
      return content.replyTo === undefined ? NO_TARGETS : [content.replyTo]
    case 'edit_message':
    case 'delete_message':
    case 'react':
    case 'pin_message':
    case 'blank_message':
    case 'attachment_result':
      return [content.target]
    default:
      return NO_TARGETS
  }
}

const NOTHING = {
  repeated: false,
  events: UNCHANGED.events,
  reactions: UNCHANGED.reactions,
  mentioned: UNCHANGED.mentioned,
  rows: UNCHANGED.rows,
  jobs: UNCHANGED.jobs,
} as const satisfies Omit<Decision, 'answer'>

function repeated(answer: RecordedAnswer): Decision {
  return { ...NOTHING, answer, repeated: true }
}

function unremembered(outcome: Refused): Decision {
  return { ...NOTHING, answer: rejectionOf(outcome) }
}

function rejectionOf({ code, message }: Refused): RecordedAnswer {
  return { kind: 'rejected', code, message }
}
