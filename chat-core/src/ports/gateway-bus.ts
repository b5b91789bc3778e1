import type {
  Activity,
  AttachmentId,
  ConversationEvent,
  ConversationId,
  ErrorCode,
  Head,
  Mark,
  MarkKind,
  MemberSettings,
  OutboxId,
  PresenceState,
  ReactionCount,
  Seq,
  UserId,
} from '@satchel/protocol'
import type { RecordedAnswer } from '../domain/conversation-state.ts'
import type { AnswerAddress } from './command-log.ts'

/** An event, and by which of its author's commands it came about. */
export interface DeliveredEvent {
  readonly event: ConversationEvent
  readonly commandId?: { readonly outbox: OutboxId; readonly counter: number } | undefined
}

/** Not known whether the command is applied: it is to be sent again. */
export interface UnknownOutcome {
  readonly kind: 'unknown'
  readonly code: ErrorCode
  readonly message: string
}

/** What reaches a gateway. All but `answer` are hints: what is lost is found again through heads. */
export type GatewayMessage =
  | {
      readonly type: 'answer'
      readonly to: AnswerAddress
      readonly conversationId: ConversationId
      readonly answer: RecordedAnswer | UnknownOutcome
    }
  /** Committed events, ascending. `userIds`: for whom; absent on a subject, where it is every member's. */
  | {
      readonly type: 'events'
      readonly conversationId: ConversationId
      readonly events: readonly DeliveredEvent[]
      readonly membershipSeq: Seq
      /** Newcomers may see what was said before they joined, and so what becomes of that. */
      readonly opensHistory?: boolean | undefined
      readonly userIds?: readonly UserId[] | undefined
      /** With `userIds`: what comes after these goes to the subject, and the gateway is to listen there. */
      readonly onSubject?: boolean | undefined
      /** Links to media are given to nobody unasked. */
      readonly strictLinks?: boolean | undefined
    }
  | {
      readonly type: 'head'
      readonly conversationId: ConversationId
      readonly head: Head
      readonly userIds?: readonly UserId[] | undefined
      readonly onSubject?: boolean | undefined
    }
  | {
      readonly type: 'mark'
      readonly conversationId: ConversationId
      readonly userId: UserId
      readonly kind: MarkKind
      readonly mark: Mark
      readonly userIds?: readonly UserId[] | undefined
    }
  | {
      readonly type: 'activity'
      readonly conversationId: ConversationId
      readonly userId: UserId
      readonly activity: Activity
      readonly userIds?: readonly UserId[] | undefined
    }
  | {
      readonly type: 'upload_progress'
      readonly conversationId: ConversationId
      readonly attachmentId: AttachmentId
      readonly sentBytes: number
      readonly sizeBytes: number
      readonly userIds?: readonly UserId[] | undefined
    }
  | {
      readonly type: 'reactions'
      readonly conversationId: ConversationId
      readonly target: Seq
      readonly reactions: readonly ReactionCount[]
      readonly userIds?: readonly UserId[] | undefined
    }
  | {
      readonly type: 'member_settings'
      readonly conversationId: ConversationId
      readonly settings: MemberSettings
      readonly userIds: readonly UserId[]
    }
  /** The user follows the channel, or does not any more: which of them is to be looked up. */
  | {
      readonly type: 'following'
      readonly conversationId: ConversationId
      readonly userId: UserId
    }
  | { readonly type: 'presence'; readonly presence: PresenceState }
  | { readonly type: 'end_sessions'; readonly userId: UserId }

export type GatewayListener = (message: GatewayMessage) => void

/**
 * From owners (and gateways) to gateways. At most once.
 *
 * - Messages of one publisher to one gateway, or on one subject, arrive in order or not at all.
 * - Publishing never blocks and never throws for want of a listener.
 * - `flush` settles once what was sent before has gone out; it rejects, soon, when that is not known.
 * - `watchGaps` calls back each time this process may have missed messages, or lost some of its own: once
 *   the connection is back. The returned function ends it.
 */
export interface GatewayBus {
  readonly crossProcess: boolean
  /** False while nothing goes out or comes in, as far as is known by now: what is sent then is lost. */
  readonly connected: boolean
  /** To one gateway. */
  send(gatewayId: string, message: GatewayMessage): void
  /** On the conversation's subject: to every gateway that subscribed. */
  publish(conversationId: ConversationId, message: GatewayMessage): void
  /** To every gateway. */
  broadcast(message: GatewayMessage): void
  /** What is sent to this gateway, and broadcast. The returned function ends it. */
  listen(gatewayId: string, listener: GatewayListener): () => void
  subscribe(gatewayId: string, conversationId: ConversationId): void
  unsubscribe(gatewayId: string, conversationId: ConversationId): void
  flush(): Promise<void>
  watchGaps(gap: () => void): () => void
}
