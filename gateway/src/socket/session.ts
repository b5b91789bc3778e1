import {
  newSessionId,
  type ConversationId,
  type DeviceId,
  type SessionId,
  type UserId,
} from '@satchel/protocol'
import type { CommandLine, CommandSubmitter } from '@satchel/chat-core'
import type { Identity } from '../tokens/identity.ts'
import { TokenBucket } from '../limits/token-bucket.ts'
import { SESSION_RULES } from '../limits/session-rules.ts'
import type { Seat } from './seat.ts'
import type { SessionConnection } from './session-connection.ts'
import { Slots } from './slots.ts'

export interface SessionOptions {
  readonly connection: SessionConnection
  readonly identity: Identity
  readonly deviceId: DeviceId
  readonly submitter: CommandSubmitter
  readonly nowMs: number
}

/** Heads frames name this many conversations each. */
const HEADS_PER_FRAME = 64

/** One authenticated socket. */
export class Session {
  readonly id: SessionId = newSessionId()
  readonly userId: UserId
  readonly deviceId: DeviceId
  readonly connection: SessionConnection
  readonly #submitter: CommandSubmitter
  #line: CommandLine | undefined
  #pages: Slots | undefined
  /** Token and capabilities; renewed by `auth`. */
  identity: Identity
  /** Its turn in whatever is spread over all sessions. */
  phase = 0
  /** `welcome` was sent. */
  isWelcome = false
  readonly seats = new Map<ConversationId, Seat>()
  /** For conversations that cannot be read at the moment. */
  waits: Set<() => void> | undefined
  #owed: Set<ConversationId> | undefined
  readonly commands: TokenBucket
  readonly requests: TokenBucket
  readonly signals: TokenBucket
  /** Requests being worked on. */
  pending = 0

  constructor(options: SessionOptions) {
    this.userId = options.identity.userId
    this.identity = options.identity
    this.deviceId = options.deviceId
    this.connection = options.connection
    this.#submitter = options.submitter
    this.commands = new TokenBucket(SESSION_RULES.commands, options.nowMs)
    this.requests = new TokenBucket(SESSION_RULES.requests, options.nowMs)
    this.signals = new TokenBucket(SESSION_RULES.signals, options.nowMs)
  }

  /** Its line of commands; most sessions only listen. */
  get line(): CommandLine {
    return (this.#line ??= this.#submitter.openLine())
  }

  /** Where page after page is read: those that wait for room do not all take it at once. */
  get pages(): Slots {
    return (this.#pages ??= new Slots(1))
  }

  /** Of these conversations the client is still to learn what it missed; `caught_up` comes behind all of it. */
  owe(conversationIds: Iterable<ConversationId>): void {
    this.#owed = new Set(conversationIds)
    this.#sayCaughtUp()
  }

  /** The client has all there is of the conversation, or no business there. */
  settle(conversationId: ConversationId): void {
    if (this.#owed?.delete(conversationId) === true) this.#sayCaughtUp()
  }

  #sayCaughtUp(): void {
    if (this.#owed?.size !== 0) return
    this.#owed = undefined
    this.connection.send({ type: 'caught_up' })
  }

  outboundLags(): void {
    this.connection.send({ type: 'lagging', lagging: true })
  }

  /** What waited is gone: where conversations stand of which events were dropped. */
  outboundRecovered(): void {
    this.connection.send({ type: 'lagging', lagging: false })
    const heads = [...this.seats.values()]
      .filter((seat) => seat.state === 'stopped')
      .map(({ audience: { conversationId, head } }) => ({ conversationId, ...head }))
    for (let from = 0; from < heads.length; from += HEADS_PER_FRAME)
      this.connection.send({ type: 'heads', heads: heads.slice(from, from + HEADS_PER_FRAME) })
  }
}
