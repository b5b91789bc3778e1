import {
  ChatError,
  type CommandResult,
  type ConversationEvent,
  type ConversationId,
  type Seq,
  type UserId,
} from '@satchel/protocol'
import type { DeliveredEvent } from '../../src/ports/gateway-bus.ts'
import type { SessionEntry } from '../../src/ports/session-registry.ts'
import { catchUp } from '../../src/queries/catch-up.ts'
import type { HistoryDeps } from '../../src/queries/read-history.ts'
import { requireReader } from '../../src/queries/reader.ts'
import type { CommandLine, SubmitRequest } from '../../src/command-submitter.ts'
import type { SimulatedProcess } from './simulated-process.ts'

/** What a device hears of its connection. */
export interface Listener {
  readonly userId: UserId
  readonly deviceId: string
  answered(requestId: number, answer: CommandResult | ChatError): void
  accepted(requestId: number): void
  event(conversationId: ConversationId, event: ConversationEvent): void
  replayed(conversationId: ConversationId, seq: Seq): void
  /** Not a member any more. */
  gone(conversationId: ConversationId): void
  /** The session is over; perhaps one that was left before. */
  closed(session: SimulatedSession): void
}

/** How far a session was told of one conversation. */
interface Seat {
  last: Seq
  /** Where the conversation stands, as far as was heard. */
  known: Seq
  isReplaying: boolean
}

export interface SimulatedSessionDeps {
  readonly process: SimulatedProcess
  readonly queries: HistoryDeps
  readonly line: CommandLine
  readonly entry: SessionEntry
  /** Down the socket, in order. */
  readonly down: (run: () => void) => void
}

const RETRY_MS = 1_000

/**
 * One device's session at a gateway. It sends the next event and nothing else: who has missed one gets
 * what is missing from the store, live events wait behind that.
 */
export class SimulatedSession {
  readonly listener: Listener
  readonly entry: SessionEntry
  readonly #deps: SimulatedSessionDeps
  readonly #seats = new Map<ConversationId, Seat>()
  // Seats come and go; nothing is told twice all the same.
  readonly #told = new Map<ConversationId, Seq>()
  #isOpen = true

  constructor(listener: Listener, deps: SimulatedSessionDeps) {
    this.listener = listener
    this.entry = deps.entry
    this.#deps = deps
  }

  close(): void {
    this.#isOpen = false
  }

  submit(requestId: number, request: SubmitRequest): void {
    const onAccepted = (): void => this.#push(() => this.listener.accepted(requestId))
    this.#deps.line.submit({ ...request, onAccepted }).then(
      (result) => this.#push(() => this.listener.answered(requestId, result)),
      (error: unknown) => this.#push(() => this.listener.answered(requestId, error as ChatError)),
    )
  }

  /** The device has come this far; live events wait until it is resumed. */
  take(heads: ReadonlyMap<ConversationId, Seq>): void {
    for (const [id, last] of heads) this.#seats.set(id, { last, known: last, isReplaying: true })
  }

  /** Sends what every conversation has beyond what the device said. */
  resume(): void {
    for (const [id, seat] of this.#seats) {
      seat.isReplaying = false
      void this.#replay(id, seat)
    }
  }

  /** The user has been found to be in it: finds out from where on. */
  async join(conversationId: ConversationId): Promise<void> {
    if (this.#seats.has(conversationId)) return
    const seat = { last: 0, known: 0, isReplaying: true }
    this.#seats.set(conversationId, seat)
    try {
      const { userId } = this.listener
      const { hiddenUpTo } = await requireReader(this.#deps.queries, userId, conversationId)
      seat.last = hiddenUpTo
      seat.known = Math.max(seat.known, hiddenUpTo)
      seat.isReplaying = false
      await this.#replay(conversationId, seat)
    } catch (error) {
      this.#seats.delete(conversationId)
      if (error instanceof ChatError && !error.retryable) return
      this.#later(() => void this.join(conversationId))
    }
  }

  live(conversationId: ConversationId, { event, commandId }: DeliveredEvent): void {
    const { userId } = this.listener
    const seat = this.#seats.get(conversationId) ?? this.#seatNewcomer(conversationId, event)
    if (seat === undefined) return
    seat.known = Math.max(seat.known, event.seq)
    if (seat.isReplaying || event.seq <= seat.last) return
    if (event.seq > seat.last + 1) {
      void this.#replay(conversationId, seat)
      return
    }
    const isOwn = commandId !== undefined && event.authorId === userId
    this.#send(conversationId, seat, isOwn ? { ...event, commandId } : event)
  }

  head(conversationId: ConversationId, seq: Seq): void {
    const seat = this.#seats.get(conversationId)
    if (seat === undefined) {
      void this.join(conversationId)
      return
    }
    seat.known = Math.max(seat.known, seq)
    if (!seat.isReplaying && seq > seat.last) void this.#replay(conversationId, seat)
  }

  #seatNewcomer(id: ConversationId, { seq, content }: ConversationEvent): Seat | undefined {
    const { userId } = this.listener
    const isJoining =
      (content.kind === 'conversation_created' && content.memberIds.includes(userId)) ||
      (content.kind === 'members_added' && content.userIds.includes(userId))
    if (!isJoining) {
      void this.join(id)
      return undefined
    }
    const seat = { last: seq - 1, known: seq - 1, isReplaying: false }
    this.#seats.set(id, seat)
    return seat
  }

  async #replay(conversationId: ConversationId, seat: Seat): Promise<void> {
    if (seat.isReplaying || !this.#isOpen) return
    seat.isReplaying = true
    try {
      const { userId } = this.listener
      const found = await catchUp(this.#deps.queries, userId, conversationId, seat.last)
      if (this.#seats.get(conversationId) !== seat) return
      if (found.kind !== 'events') throw new Error('simulated gaps are never too large')
      for (const event of found.events) this.#send(conversationId, seat, event)
      seat.last = Math.max(seat.last, found.seq)
      this.#push(() => this.listener.replayed(conversationId, found.seq))
      seat.isReplaying = false
      if (seat.known > seat.last) await this.#replay(conversationId, seat)
    } catch (error) {
      seat.isReplaying = false
      if (error instanceof ChatError && !error.retryable) {
        this.#seats.delete(conversationId)
        this.#push(() => this.listener.gone(conversationId))
      } else this.#later(() => void this.#replay(conversationId, seat))
    }
  }

  #send(conversationId: ConversationId, seat: Seat, event: ConversationEvent): void {
    const { content, authorId, seq } = event
    const { userId } = this.listener
    seat.last = seq
    if (seq > (this.#told.get(conversationId) ?? 0)) {
      this.#told.set(conversationId, seq)
      this.#push(() => this.listener.event(conversationId, event))
    }
    const hasLeft =
      (content.kind === 'member_removed' && content.userId === userId) ||
      (content.kind === 'member_left' && authorId === userId)
    if (hasLeft && this.#seats.get(conversationId) === seat) this.#seats.delete(conversationId)
  }

  #push(tell: () => void): void {
    if (this.#deps.process.isDead || !this.#isOpen) return
    this.#deps.down(() => {
      if (this.#isOpen) tell()
    })
  }

  #later(run: () => void): void {
    this.#deps.process.timers.after(RETRY_MS, () => {
      if (this.#isOpen) run()
    })
  }
}
