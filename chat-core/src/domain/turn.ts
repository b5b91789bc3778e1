import type {
  ConversationEvent,
  ErrorCode,
  EventContent,
  MemberSettings,
  Seq,
  UserId,
} from '@satchel/protocol'
import type { Command, CommandContent } from './command.ts'
import type { ConversationRow, ConversationState, HeadRow } from './conversation-state.ts'
import type { ConversationJob, DecideContext, Mentioned, ReactionChange } from './decision.ts'

/** One command meeting a conversation that exists: all that a rule may look at. */
export interface Turn {
  readonly state: ConversationState
  readonly command: Command
  readonly context: DecideContext
  /** Never before the conversation's last event. */
  readonly timeMs: number
}

export interface Refused {
  readonly kind: 'refused'
  readonly code: ErrorCode
  readonly message: string
}

/** What follows from a command that applies. `seq` is the answer's: absent where nothing was numbered. */
export interface Applied {
  readonly kind: 'applied'
  readonly seq?: Seq | undefined
  readonly events: readonly ConversationEvent[]
  readonly rows: readonly ConversationRow[]
  readonly reactions: readonly ReactionChange[]
  readonly mentioned: readonly Mentioned[]
  readonly jobs: readonly ConversationJob[]
  readonly memberSettings?: MemberSettings | undefined
}

export type Outcome = Refused | Applied

export type CommandKind = CommandContent['kind']
export type ContentOf<Kind extends CommandKind> = Extract<CommandContent, { readonly kind: Kind }>
/** For each kind of command, what becomes of it. */
export type Rules = {
  readonly [Kind in CommandKind]: (turn: Turn, content: ContentOf<Kind>) => Outcome
}

const EMPTY = Object.freeze<never[]>([])

/** Nothing follows; also the start of everything that does. */
export const UNCHANGED: Applied = Object.freeze({
  kind: 'applied',
  events: EMPTY,
  rows: EMPTY,
  reactions: EMPTY,
  mentioned: EMPTY,
  jobs: EMPTY,
})

export function refused(code: ErrorCode, message: string): Refused {
  return { kind: 'refused', code, message }
}

/** The event that comes next. */
export function nextEvent(
  { state: { head }, command, timeMs }: Turn,
  content: EventContent,
  authorId: UserId = command.authorId,
): ConversationEvent {
  const ordinal = content.kind === 'message_sent' ? head.ordinal + 1 : head.ordinal
  return { seq: head.seq + 1, ordinal, timeMs, authorId, content }
}

/** The head once `event` happened, with what else changes about it. */
export function headAfter(
  head: HeadRow,
  event: ConversationEvent,
  changes?: Partial<HeadRow>,
): ConversationRow {
  const { seq, ordinal, timeMs } = event
  return { row: 'head', value: { ...head, ...changes, seq, ordinal, timeMs } }
}

/** The usual outcome: one event, and the head that counts it. */
export function happened(
  turn: Turn,
  event: ConversationEvent,
  more?: { readonly rows?: readonly ConversationRow[]; readonly jobs?: Applied['jobs'] },
): Applied {
  return {
    ...UNCHANGED,
    seq: event.seq,
    events: [event],
    rows: [headAfter(turn.state.head, event), ...(more?.rows ?? [])],
    jobs: more?.jobs ?? UNCHANGED.jobs,
  }
}
