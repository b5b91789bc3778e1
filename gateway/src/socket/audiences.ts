import type { ConversationEvent, ConversationId, Seq, UserId } from '@satchel/protocol'
import type { UserConversation } from '@satchel/chat-core'
import type { DeliveredEvent, GatewayMessage } from '@satchel/chat-core/ports'
import { AudienceTable, type AudienceTableDeps } from './audience-table.ts'
import { deliverTo, type Audience } from './audience.ts'
import { EventFrames, type EventFormat } from './event-frames.ts'
import { membershipChanges } from './membership-changes.ts'
import { MissedEvents, type MissedEventsDeps, type MissedEventsTaker } from './missed-events.ts'
import type { Replays } from './replays.ts'
import { Seat, type SeatState } from './seat.ts'
import type { Session } from './session.ts'
import type { SessionTable } from './session-table.ts'
import { SharedFrame } from './shared-frame.ts'

export interface AudiencesDeps extends AudienceTableDeps, EventFormat, MissedEventsDeps {
  readonly sessions: SessionTable
  readonly replays: Replays
  /** Somebody is in a conversation no more: who may see whom is to be looked at again. */
  readonly parted: (userId: UserId) => void
  /** Seats members here that have no seat, once the owner has said who is one. */
  readonly seatMembers: (conversationId: ConversationId) => void
}

type EventsMessage = Extract<GatewayMessage, { readonly type: 'events' }>
type HeadMessage = Extract<GatewayMessage, { readonly type: 'head' }>

/**
 * Who gets the events of which conversation here. Sessions take their seats when they begin; later
 * changes are read off the events themselves. Where an event was missed nothing that came after it goes
 * to anybody: it may have removed them. It is fetched, and everything follows in its order.
 */
export class Audiences implements MissedEventsTaker {
  readonly #deps: AudiencesDeps
  readonly #missed: MissedEvents
  readonly #audiences: AudienceTable
  /** Stays while it takes what was missed, with seats or without. */
  #taking: Audience | undefined

  constructor(deps: AudiencesDeps) {
    this.#deps = deps
    this.#missed = new MissedEvents(deps, this)
    this.#audiences = new AudienceTable(deps)
  }

  get size(): number {
    return this.#audiences.size
  }

  /** All conversations with seats. */
  ids(): readonly ConversationId[] {
    return this.#audiences.ids()
  }

  of(conversationId: ConversationId): Audience | undefined {
    return this.#audiences.of(conversationId)
  }

  /** A session found to be a reader, its client standing at `at`, as of `head`. */
  join(
    session: Session,
    { conversationId, joinedSeq, head }: UserConversation,
    at: Seq = head.seq,
  ): Seat {
    const audience = this.#audiences.obtain(conversationId, head)
    audience.hears(head.seq, head.ordinal)
    const existing = session.seats.get(conversationId)
    const seat = existing ?? this.#seat(session, audience, at, 'live')
    seat.lastSeq = at
    // Whoever was added again since knows better.
    if (seat.joinedSeq === Infinity || seat.joinedSeq < joinedSeq) seat.joinedSeq = joinedSeq
    seat.hears(Math.max(head.seq, audience.seq))
    // What came since `head` was read is behind the replay, and so may be a removal.
    seat.state = at < seat.knownSeq ? 'replaying' : 'live'
    if (head.fanout === 'large') this.#audiences.listen(audience, head.seq, true)
    return seat
  }

  /** A user's sessions lose their seats. */
  leave(userId: UserId, conversationId: ConversationId): void {
    for (const session of this.#deps.sessions.of(userId)) {
      const seat = session.seats.get(conversationId)
      if (seat !== undefined) this.dismiss(seat)
    }
  }

  /** Takes the seat of somebody whom no event has told why: a head beyond what they have makes their client ask. */
  dismiss(seat: Seat): void {
    const { session, audience, lastSeq, knownSeq } = seat
    const { conversationId, head } = audience
    const seq = Math.max(head.seq, knownSeq, lastSeq + 1)
    // Who is still comparing heads learns it with the welcome.
    if (session.isWelcome)
      session.connection.send({ type: 'heads', heads: [{ conversationId, ...head, seq }] })
    this.remove(seat)
  }

  remove(seat: Seat): void {
    const { conversationId } = seat.audience
    seat.session.seats.delete(conversationId)
    seat.replay++
    seat.stopWaiting?.()
    seat.session.settle(conversationId)
    const audience = this.#audiences.of(conversationId)
    if (audience === undefined) return
    audience.remove(seat)
    if (audience.seats.length === 0 && audience !== this.#taking) this.#audiences.remove(audience)
  }

  /** All seats of a session that ends. */
  removeAll(session: Session): void {
    for (const seat of [...session.seats.values()]) this.remove(seat)
  }

  /** Committed events, ascending. */
  deliver(message: EventsMessage): void {
    const first = message.events[0]?.event
    const last = message.events.at(-1)?.event
    if (first === undefined || last === undefined) return
    const audience =
      this.#audiences.of(message.conversationId) ?? this.#seatNewcomers(message, first.seq)
    if (audience === undefined) return
    audience.opensHistory = message.opensHistory === true
    audience.strictLinks = message.strictLinks === true
    // First, so that a message that comes late is seen to be old.
    this.#audiences.listen(
      audience,
      last.seq,
      message.userIds === undefined || message.onSubject === true,
    )
    if (first.seq <= audience.seq + 1) {
      for (const delivered of message.events) this.#deliverOne(audience, delivered)
      audience.advance(last.seq, last.ordinal)
    } else this.#fetchUpTo(audience, last, message.userIds ?? [])
  }

  /** Some came before this one that were not heard; it is read together with them. */
  #fetchUpTo(
    audience: Audience,
    { seq, ordinal }: ConversationEvent,
    memberIds: readonly UserId[],
  ): void {
    audience.hears(seq, ordinal)
    for (const seat of this.#seatMissing(audience, memberIds, audience.seq, 'replaying'))
      this.#pull(seat, seq)
    this.#missed.fetch(audience)
  }

  /** Where a conversation stands: whoever has less gets the rest, or is told. */
  announce(message: HeadMessage): void {
    const { conversationId, head, userIds } = message
    const audience =
      this.#audiences.of(conversationId) ??
      (userIds === undefined ? undefined : this.#audiences.obtain(conversationId, head))
    if (audience === undefined) return
    audience.hears(head.seq, head.ordinal)
    const { seq, ordinal } = head
    const heads = { type: 'heads', heads: [{ conversationId, seq, ordinal }] } as const
    // Sessions the owner knows as members and we do not: their client says where it stands, behind its welcome.
    for (const { session } of this.#seatMissing(audience, userIds ?? [], seq, 'live'))
      if (session.isWelcome) session.connection.send(heads)
    this.#remind(audience, seq, new SharedFrame(this.#deps.codecs, heads))
    this.#missed.fetch(audience)
    if (message.onSubject !== undefined)
      this.#audiences.listen(audience, head.seq, message.onSubject)
    if (audience.seats.length === 0) this.#audiences.remove(audience)
  }

  /** Who has less than all others here catches up, or is told where it could. */
  #remind(audience: Audience, headSeq: Seq, heads: SharedFrame): void {
    for (const seat of audience.seats) {
      if (seat.lastSeq >= headSeq) continue
      if (seat.state === 'stopped') seat.session.connection.sendSignal(heads)
      else if (seat.lastSeq < audience.seq) this.#pull(seat, headSeq)
    }
  }

  /** Events that the bus had lost. Who is removed by one of them may be back with another: nobody is forgotten between. */
  take(audience: Audience, events: readonly ConversationEvent[]): void {
    const { conversationId, head } = audience
    if (this.#audiences.of(conversationId) !== audience) {
      // While they were read its last seat went; who has come since has an audience that knows better.
      audience.advance(head.seq, head.ordinal)
      return
    }
    this.#taking = audience
    try {
      this.#takeAll(audience, events)
    } finally {
      this.#taking = undefined
    }
    if (audience.seats.length === 0) this.#audiences.remove(audience)
  }

  #takeAll(audience: Audience, events: readonly ConversationEvent[]): void {
    for (const event of events) {
      if (event.seq !== audience.seq + 1) return
      // That may be what it changes.
      if (event.content.kind === 'conversation_updated') audience.forgetRules()
      this.#deliverOne(audience, { event })
      audience.advance(event.seq, event.ordinal)
    }
  }

  /** What was missed is not read for all: sessions fetch it or find that they may not, and members are asked for. */
  leaveToSeats(audience: Audience): void {
    const { conversationId, head } = audience
    audience.advance(head.seq, head.ordinal)
    for (const seat of [...audience.seats]) this.#pull(seat, head.seq)
    this.#deps.seatMembers(conversationId)
  }

  #deliverOne(audience: Audience, delivered: DeliveredEvent): void {
    const { event } = delivered
    const frames = new EventFrames(this.#deps, audience.conversationId, delivered, audience)
    const changes = membershipChanges(event)
    if (changes !== undefined) this.#seatAdded(audience, changes.added, event.seq)
    for (const seat of audience.deliver(event.seq, frames) ?? []) this.#pull(seat, event.seq)
    if (changes === undefined) return
    for (const userId of changes.removed) this.#removeAfter(audience, userId, event.seq, frames)
    if (changes.isEnd) for (const seat of [...audience.seats]) this.#removeTold(seat, event.seq)
  }

  /** Whoever was removed learns that, even out of order, and nothing after it. */
  #removeAfter(audience: Audience, userId: UserId, seq: Seq, frames: EventFrames): void {
    this.#deps.parted(userId)
    for (const session of this.#deps.sessions.of(userId)) {
      const seat = session.seats.get(audience.conversationId)
      // Who has come back since is not removed by what was before.
      if (seat === undefined || (seat.joinedSeq > seq && seat.joinedSeq !== Infinity)) continue
      if (seat.lastSeq < seq && seat.state === 'live') deliverTo(seat, seq, frames)
      if (seq > audience.seq || seat.joinedSeq !== Infinity) this.#removeTold(seat, seq)
      else this.#pull(seat, audience.seq)
    }
  }

  /** The event that ends the stay has gone out, but to those who lag or are catching up. */
  #removeTold(seat: Seat, endSeq: Seq): void {
    this.#deps.parted(seat.session.userId)
    seat.hears(endSeq)
    if (seat.lastSeq < endSeq) this.dismiss(seat)
    else this.remove(seat)
  }

  #pull(seat: Seat, knownSeq: Seq): void {
    seat.hears(knownSeq)
    this.#deps.replays.pull(seat)
  }

  /** An audience for events whose readers have no seat here yet. */
  #seatNewcomers(message: EventsMessage, firstSeq: Seq): Audience | undefined {
    const { conversationId, userIds } = message
    const present = (userIds ?? []).filter((userId) => this.#deps.sessions.of(userId).size > 0)
    if (present.length === 0) return undefined
    const audience = this.#audiences.obtain(conversationId, { seq: firstSeq - 1, ordinal: 0 })
    this.#seatMissing(audience, present, firstSeq - 1, 'live')
    return audience
  }

  /** Users who join with the event of seq `joinedSeq`, which is the next one unless it comes late. */
  #seatAdded(audience: Audience, userIds: readonly UserId[], joinedSeq: Seq): void {
    const isLate = joinedSeq <= audience.seq
    const state = isLate ? 'replaying' : 'live'
    const seated = this.#seatMissing(audience, userIds, joinedSeq - 1, state)
    for (const userId of userIds) {
      for (const session of this.#deps.sessions.of(userId)) {
        const seat = session.seats.get(audience.conversationId)
        // An event that comes late may be of an earlier stay.
        if (seat !== undefined && seat.lastSeq < joinedSeq) seat.joinedSeq = joinedSeq
      }
    }
    // They may have gone again since: their own catching up is the check.
    if (isLate) for (const seat of seated) this.#pull(seat, audience.seq)
  }

  /** Gives seats to those sessions of these users that have none. */
  #seatMissing(
    audience: Audience,
    userIds: readonly UserId[],
    at: Seq,
    state: SeatState,
  ): readonly Seat[] {
    const seats: Seat[] = []
    for (const userId of userIds) {
      for (const session of this.#deps.sessions.of(userId)) {
        if (session.seats.has(audience.conversationId)) continue
        // A session that is still comparing heads takes what it finds there.
        seats.push(this.#seat(session, audience, at, session.isWelcome ? state : 'replaying'))
      }
    }
    return seats
  }

  #seat(session: Session, audience: Audience, at: Seq, state: SeatState): Seat {
    const seat = new Seat(session, audience, at, state)
    session.seats.set(audience.conversationId, seat)
    audience.add(seat)
    return seat
  }
}
