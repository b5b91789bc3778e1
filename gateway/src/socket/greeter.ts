import {
  CLOSE_CODES,
  ChatError,
  LIMITS,
  type ConversationId,
  type RequestFrameOf,
  type Seq,
  type UserId,
  type Welcome,
} from '@satchel/protocol'
import {
  compareHeads,
  readUsers,
  type CommandSubmitter,
  type ComparedHeads,
  type InboxDeps,
} from '@satchel/chat-core'
import type { SessionRegistry, Users } from '@satchel/chat-core/ports'
import type { MonotonicClock } from '@satchel/chat-core/runtime'
import { chatErrorOf } from '../chat-error-of.ts'
import type { GatewayTelemetry } from '../gateway-telemetry.ts'
import { SESSION_RULES } from '../limits/session-rules.ts'
import type { TokenVerifier } from '../tokens/token-verifier.ts'
import type { Audiences } from './audiences.ts'
import type { Connection } from './connection.ts'
import { linkedEntry, type EventFormat } from './event-frames.ts'
import { joinAt } from './join-at.ts'
import type { LateSeats } from './late-seats.ts'
import type { ReplayOptions, Replays } from './replays.ts'
import type { Seat } from './seat.ts'
import { Session } from './session.ts'
import type { SessionTable } from './session-table.ts'
import type { PresenceSignals } from './signals/presence-signals.ts'
import { Slots } from './slots.ts'
import { tellHead } from './tell-head.ts'

export interface GreeterDeps extends Pick<EventFormat, 'links' | 'clock'> {
  readonly gatewayId: string
  readonly tokens: TokenVerifier
  readonly sessions: SessionTable
  /** Connections that have not become sessions. */
  readonly unauthenticated: Set<Connection>
  readonly maxSessions: number
  readonly enforceLimits: boolean
  readonly registry: SessionRegistry
  readonly submitter: CommandSubmitter
  readonly queries: InboxDeps & { readonly users: Users }
  readonly audiences: Audiences
  readonly replays: Replays
  readonly lateSeats: LateSeats
  readonly presence: PresenceSignals
  readonly uploadPolicy: Welcome['upload']
  readonly time: MonotonicClock
  readonly telemetry: GatewayTelemetry
}

type Hello = RequestFrameOf<'hello'>

/**
 * When everybody comes back at once, some are greeted while the others wait. Were all greeted together, all
 * would be late, give up, and come again.
 */
const GREETED_AT_ONCE = 1_000

/** Makes sessions of connections: hello → token → registration → heads → welcome → what was missed. */
export class Greeter {
  readonly #deps: GreeterDeps
  readonly #greeted = new Slots(GREETED_AT_ONCE)

  constructor(deps: GreeterDeps) {
    this.#deps = deps
  }

  /** Settles after `welcome`, true, or when the connection was refused. Replays go on behind it. */
  async greet(connection: Connection, hello: Hello): Promise<boolean> {
    const startedMs = this.#deps.time.elapsedMs()
    try {
      const session = await this.#begin(connection, hello)
      const { sessionId, userId } = { sessionId: session.id, userId: session.userId }
      // Who is gone by its turn costs no look at the store.
      const compared = await this.#greeted.use(async () =>
        connection.isClosed ? undefined : this.#compare(session, hello),
      )
      if (compared === undefined || connection.isClosed) return false
      const missed = this.#welcome(session, hello, compared)
      const ms = this.#deps.time.elapsedMs() - startedMs
      this.#deps.telemetry.sessionBegan({ sessionId, userId, ms })
      const claimed = new Set(hello.heads?.map(({ conversationId }) => conversationId))
      void this.#replay(session, missed, claimed)
      return true
    } catch (error) {
      this.#refuse(connection, hello, error)
      return false
    }
  }

  async #begin(connection: Connection, hello: Hello): Promise<Session> {
    const { tokens, sessions, submitter, time } = this.#deps
    const identity = await tokens.verify(hello.token)
    if (connection.isClosed) throw new ChatError('retry', 'the connection is closed')
    this.#requireRoom(identity.userId)
    const session = new Session({
      connection,
      identity,
      deviceId: hello.deviceId,
      submitter,
      nowMs: time.elapsedMs(),
    })
    connection.session = session
    this.#deps.unauthenticated.delete(connection)
    sessions.add(session)
    return session
  }

  /** For one more session, of one user and of all. */
  #requireRoom(userId: UserId): void {
    const { sessions, maxSessions, enforceLimits } = this.#deps
    const { sessionsOfUser } = SESSION_RULES
    if (sessions.size >= maxSessions)
      throw tooManySessions('this process holds as many sessions as it may', maxSessions)
    if (enforceLimits && sessions.of(userId).size >= sessionsOfUser)
      throw tooManySessions(`${userId} has as many sessions here as one user may`, sessionsOfUser)
  }

  /** Registered first: what is committed after the comparison then finds its way here. */
  async #compare(session: Session, hello: Hello): Promise<Compared> {
    const { queries, presence } = this.#deps
    const { userId } = session
    await Promise.all([this.#register(session), queries.users.ensure(userId)])
    // Who left meanwhile has been told to be away already.
    if (!session.connection.isClosed) presence.stay(session)
    const [user = { id: userId }] = await readUsers(queries, [userId])
    return { ...(await compareHeads(queries, userId, hello.heads ?? [])), user }
  }

  async #register({ id: sessionId, userId, deviceId }: Session): Promise<void> {
    const { gatewayId, registry, telemetry } = this.#deps
    try {
      await registry.register({ sessionId, userId, deviceId, gatewayId })
    } catch (error) {
      // Made good by itself, and then reported as a gap: until it is, the session's events come late.
      if (!(error instanceof ChatError && error.retryable)) throw error
      telemetry.signalFailed('register', error)
    }
  }

  /** All at once: no event may come between a session's seats and its welcome. */
  #welcome(session: Session, hello: Hello, compared: Compared): readonly Seat[] {
    const { audiences, clock, uploadPolicy } = this.#deps
    const { connection } = session
    const claimed = new Map<ConversationId, Seq>(
      hello.heads?.map(({ conversationId, seq }) => [conversationId, seq]),
    )
    const { user, moved, more, gone, unreached } = compared
    connection.answer(hello.requestId, 'hello', {
      sessionId: session.id,
      user,
      serverTimeMs: clock.nowMs(),
      maxMessageBytes: LIMITS.maxMessageBytes,
      upload: uploadPolicy,
      conversations: moved.map((entry) => linkedEntry(this.#deps, entry)),
      more,
      gone,
    })
    for (const conversation of compared.all)
      joinAt(audiences, session, conversation, claimed.get(conversation.conversationId))
    session.isWelcome = true
    const order = new Map(compared.all.map(({ conversationId }, index) => [conversationId, index]))
    const rank = (seat: Seat): number => order.get(seat.audience.conversationId) ?? -1
    const late = new Set(unreached.map(({ conversationId }) => conversationId))
    const waiting = [...session.seats.values()].filter(
      ({ state, audience }) => state === 'replaying' && !late.has(audience.conversationId),
    )
    const missed = waiting
      .filter((seat) => seat.lastSeq < seat.knownSeq)
      .sort((left, right) => rank(left) - rank(right))
    // Announced while heads were compared, and not found there: where its client stands it alone can say.
    for (const seat of waiting.filter((one) => !missed.includes(one))) {
      seat.state = 'live'
      tellHead(seat)
    }
    session.owe([...missed.map(({ audience }) => audience.conversationId), ...late])
    for (const conversationId of late) this.#seatLate(session, conversationId, claimed)
    return missed
  }

  /** What is out of reach follows when it is not, from where its client stands. */
  #seatLate(
    session: Session,
    conversationId: ConversationId,
    claimed: ReadonlyMap<ConversationId, Seq>,
  ): void {
    const at = claimed.get(conversationId)
    const seat = session.seats.get(conversationId)
    // Events that came while heads were compared have brought it, and began it with themselves.
    if (seat !== undefined && at !== undefined && at < seat.lastSeq) seat.lastSeq = at
    session.connection.send({ type: 'behind', conversationId })
    this.#deps.lateSeats.seatWhenInReach(session, conversationId, at)
  }

  /** One after another; `caught_up` is sent when the last of them is done, now or later. */
  async #replay(
    session: Session,
    missed: readonly Seat[],
    claimed: ReadonlySet<ConversationId>,
  ): Promise<void> {
    try {
      for (const seat of missed) {
        if (session.connection.isClosed) return
        // Whoever named no head has what came since the welcome, and `replayed` would speak of all before it as well.
        await this.#replayOne(seat, { announced: claimed.has(seat.audience.conversationId) })
      }
    } catch (error) {
      this.#deps.telemetry.fault('replay', error)
      session.connection.close('internal')
    }
  }

  async #replayOne(seat: Seat, options: ReplayOptions): Promise<void> {
    if (seat.session.seats.get(seat.audience.conversationId) !== seat || seat.isReplaying) return
    try {
      await this.#deps.replays.replay(seat, options)
    } catch (error) {
      // Removed from the conversation meanwhile: its seat is gone, and the others go on.
      if (!(error instanceof ChatError)) throw error
    }
  }

  #refuse(connection: Connection, hello: Hello, error: unknown): void {
    if (connection.isClosed) return
    const refusal = chatErrorOf(this.#deps.telemetry, 'hello', error)
    this.#deps.telemetry.requestRefused('hello', refusal.code)
    connection.refuse(hello.requestId, refusal)
    switch (refusal.code) {
      case 'unauthenticated':
      case 'token_expired':
      case 'too_many_sessions':
      case 'draining':
        connection.close(refusal.code)
        return
      default:
        connection.close('internal')
    }
  }
}

type Compared = ComparedHeads & { readonly user: Welcome['user'] }

function tooManySessions(message: string, limit: number): ChatError {
  const retryAfterMs = CLOSE_CODES.too_many_sessions.defaultDelayMs
  return new ChatError('too_many_sessions', message, { limit, remaining: 0, retryAfterMs })
}
