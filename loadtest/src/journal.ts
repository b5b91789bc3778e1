import type {
  ConversationId,
  ErrorCode,
  RequestedCommandKind,
  Seq,
  UserId,
} from '@satchel/protocol'
import type { EventTrace } from './event-trace.ts'

/** What a client was told about one command. `accepted` and `unknown` are not final. */
export type JournaledAnswer =
  | { readonly kind: 'applied'; readonly seq: Seq | undefined }
  | { readonly kind: 'accepted' }
  | { readonly kind: 'rejected'; readonly code: ErrorCode }
  | { readonly kind: 'unknown'; readonly code: ErrorCode }

/** A command as the checker knows it: `key` names it in texts and answers, for ever. */
export interface JournaledCommand {
  readonly key: string
  readonly conversationId: ConversationId
  readonly kind: RequestedCommandKind
  /** The message it is about. */
  readonly target: Seq | undefined
  /** When it should have been sent: waiting for a free place counts as latency. */
  readonly intendedMs: number
  /** Every answer, in the order they came. */
  readonly answers: JournaledAnswer[]
}

/** What one device saw of one conversation, in the order it saw it. */
export type Observation =
  /** An event that was the next one: shown. */
  | { readonly kind: 'applied'; readonly event: EventTrace; readonly atMs: number }
  /** An event that was there already. */
  | { readonly kind: 'repeated'; readonly event: EventTrace }
  /** An event that left a hole, and was not shown; the client asks for what is between. */
  | { readonly kind: 'gap'; readonly event: EventTrace }
  /** `gap_too_large`: the copy was dropped, and what follows begins after `seq`. */
  | { readonly kind: 'reset'; readonly seq: Seq }
  /** The server says that everything up to `seq` has been sent. */
  | { readonly kind: 'replayed'; readonly seq: Seq }

/** Everything one device of a run asked for and saw. */
export interface Journal {
  readonly deviceId: string
  readonly userId: UserId
  /** In the order of sending; one conversation's order is a promise. */
  readonly commands: readonly JournaledCommand[]
  readonly observations: ReadonlyMap<ConversationId, readonly Observation[]>
}

/** A conversation as a fresh reader who was in it from the start reads it from the store. */
export interface History {
  readonly conversationId: ConversationId
  readonly head: { readonly seq: Seq; readonly ordinal: number }
  readonly events: readonly EventTrace[]
  /** Whoever joins may read what was said before. */
  readonly isOpen: boolean
}

/** A journal that is being written. */
export class JournalWriter implements Journal {
  readonly deviceId: string
  readonly userId: UserId
  readonly commands: JournaledCommand[] = []
  readonly observations = new Map<ConversationId, Observation[]>()

  constructor(deviceId: string, userId: UserId) {
    this.deviceId = deviceId
    this.userId = userId
  }

  sends(command: Omit<JournaledCommand, 'answers'>): JournaledCommand {
    const journaled = { ...command, answers: [] }
    this.commands.push(journaled)
    return journaled
  }

  observes(conversationId: ConversationId, observation: Observation): void {
    const seen = this.observations.get(conversationId)
    if (seen === undefined) this.observations.set(conversationId, [observation])
    else seen.push(observation)
  }
}
