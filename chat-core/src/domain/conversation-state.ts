import type {
  ConversationDetails,
  ConversationId,
  ConversationKind,
  ErrorCode,
  Head,
  MemberSettings,
  OutboxId,
  Role,
  Seq,
  UserId,
} from '@satchel/protocol'

/** The first row of a conversation. A deleted conversation keeps it: numbers go on, never restart. */
export interface HeadRow extends Head {
  readonly kind: ConversationKind
  readonly creatorId: UserId
  /** Time of the first event: with seq 1, the answer that creating again gets. */
  readonly createdMs: number
  /** Seq of the last change of membership. */
  readonly membershipSeq: Seq
  readonly memberCount: number
  /** How events reach members: one by one up to 256 members, by subject above (and for channels). */
  readonly fanout: 'small' | 'large'
  readonly deleted: boolean
}

export interface MemberRow {
  readonly role: Role
  readonly joinedSeq: Seq
  readonly settings: MemberSettings
}

/** What a command was answered: a seq (none where nothing numbered happened), or a refusal. */
export type RecordedAnswer =
  | { readonly kind: 'applied'; readonly seq?: Seq | undefined; readonly timeMs: number }
  | { readonly kind: 'rejected'; readonly code: ErrorCode; readonly message: string }

export interface RememberedAnswer {
  readonly contentHash: number
  readonly answer: RecordedAnswer
}

/** What one outbox has asked so far: the highest counter, and the latest 16 answers, oldest first. */
export interface OutboxRow {
  /**
   * Its place among the conversation's outboxes, counted from 0. One that is new when there is no room takes the place
   * of another, whose row it overwrites: clients choose the ids of outboxes, and must not choose how many rows there are.
   */
  readonly slot: number
  readonly highestCounter: number
  readonly lastUsedMs: number
  readonly answers: readonly (RememberedAnswer & { readonly counter: number })[]
}

export interface OutboxOwner {
  readonly userId: UserId
  readonly outbox: OutboxId
}

/** The latest 16 answers of one of the 64 buckets of idempotency keys, oldest first. */
export interface IdempotencyRow {
  readonly answers: readonly (RememberedAnswer & {
    readonly hash: string
    readonly authorId: UserId
  })[]
}

/**
 * One row of a conversation, written whole. `undefined` = removed. These rows, and nothing else, are
 * what a conversation's owner remembers and what its store keeps.
 */
export type ConversationRow =
  | { readonly row: 'head'; readonly value: HeadRow }
  | { readonly row: 'details'; readonly value: ConversationDetails }
  | { readonly row: 'pins'; readonly value: readonly Seq[] }
  | { readonly row: 'member'; readonly userId: UserId; readonly value: MemberRow | undefined }
  | {
      readonly row: 'outbox'
      readonly userId: UserId
      readonly outbox: OutboxId
      readonly value: OutboxRow
    }
  | { readonly row: 'idempotency'; readonly bucket: number; readonly value: IdempotencyRow }

/** A conversation as its owner holds it: its rows, indexed. Changed only by `evolve`. */
export interface ConversationState {
  readonly id: ConversationId
  head: HeadRow
  details: ConversationDetails
  pins: readonly Seq[]
  readonly members: Map<UserId, MemberRow>
  readonly outboxes: Map<UserId, Map<OutboxId, OutboxRow>>
  /** By slot; at most `LIMITS.outboxesPerConversation`. */
  readonly outboxSlots: (OutboxOwner | undefined)[]
  /** Of outboxes and idempotency keys together: most of what a conversation takes in memory. */
  answerCount: number
  readonly idempotency: Map<number, IdempotencyRow>
}
