import type { ConversationId, Seq, UserId } from '@satchel/protocol'
import type { UserConversation } from '@satchel/chat-core'
import type { DeliveredEvent, GatewayBus, GatewayMessage } from '@satchel/chat-core/ports'
import { Audience, deliverTo } from './audience.ts'
import { EventFrames, type EventFormat } from './event-frames.ts'
import { membershipChanges } from './membership-changes.ts'
import type { Replays } from './replays.ts'
import { Seat, type SeatState } from './seat.ts'
import type { Session } from './session.ts'
import type { SessionTable } from './session-table.ts'
import { SharedFrame } from './shared-frame.ts'

export interface AudiencesDeps extends EventFormat {
  readonly gatewayId: string
  readonly bus: Pick<GatewayBus, 'subscribe' | 'unsubscribe'>
  readonly sessions: SessionTable
  readonly replays: Replays
}

type EventsMessage = Extract<GatewayMessage, { readonly type: 'events' }>
type HeadMessage = Extract<GatewayMessage, { readonly type: 'head' }>

/**
 * Who gets the events of which conversation here. Sessions take their seats when they begin; later
 * changes are read off the events themselves. Where an event with such a change may have been missed,
 * nobody gets anything before their own catching up has found them to be members.
 */
export class Audiences {
  readonly #deps: AudiencesDeps
  readonly #audiences = new Map<ConversationId, Audience>()

  constructor(deps: AudiencesDeps) {
    this.#deps = deps
  }

  get size(): number {
    return this.#audiences.size
  }

  /** All conversations with seats. */
  ids(): readonly ConversationId[] {
    return [...this.#audiences.keys()]
  }

  of(conversationId: ConversationId): Audience | undefined {
    return this.#audiences.get(conversationId)
  }

  /** A session found to be a reader, its client standing at `at`, as of `head`. */
  join(
    session: Session,
    { conversationId, joinedSeq, head }: UserConversation,
    at: Seq = head.seq,
  ): Seat {
    const audience = this.#require(conversationId, head, head.membershipSeq)
    audience.hears(head.seq, head.ordinal)
    const existing = session.seats.get(conversationId)
    const seat = existing ?? this.#seat(session, audience, at, 'live')
    seat.lastSeq = at
    // Whoever was added again since knows better.
    if (seat.joinedSeq === Infinity || seat.joinedSeq < joinedSeq) seat.joinedSeq = joinedSeq
    seat.hears(Math.max(head.seq, audience.seq))
    // What came since `head` was read is behind the replay, and so may be a removal.
    seat.state = at < seat.knownSeq ? 'replaying' : 'live'
    if (head.fanout === 'large') this.#subscribe(audience)
    return seat
  }

  /** A user's sessions lose their seats. */
  leave(userId: UserId, conversationId: ConversationId): void {
    for (const session of this.#deps.sessions.of(userId)) {
      const seat = session.seats.get(conversationId)
      if (seat !== undefined) this.remove(seat)
    }
  }

  remove(seat: Seat): void {
    const { conversationId } = seat.audience
    seat.session.seats.delete(conversationId)
    seat.replay++
    seat.stopWaiting?.()
    seat.session.settle(conversationId)
    const audience = this.#audiences.get(conversationId)
    if (audience === undefined) return
    audience.remove(seat)
    if (audience.seats.length === 0) this.#forget(audience)
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
      this.#audiences.get(message.conversationId) ?? this.#seatNewcomers(message, first.seq)
    if (audience === undefined) return
    const { membershipSeq, userIds } = message
    const isContiguous = first.seq <= audience.seq + 1
    if (isContiguous || membershipSeq === audience.membershipSeq) {
      for (const delivered of message.events)
        this.#deliverOne(audience, delivered, message.opensHistory === true)
    } else this.#distrust(audience, message, last.seq)
    audience.advance(last.seq, last.ordinal, membershipSeq)
    if (userIds === undefined || message.onSubject === true) this.#subscribe(audience)
  }

  /** Where a conversation stands: whoever has less gets the rest, or is told. */
  announce(message: HeadMessage): void {
    const { conversationId, head, userIds } = message
    const audience =
      this.#audiences.get(conversationId) ??
      (userIds === undefined ? undefined : this.#require(conversationId, head, 0))
    if (audience === undefined) return
    audience.hears(head.seq, head.ordinal)
    const frame = new SharedFrame(this.#deps.codecs, {
      type: 'heads',
      heads: [{ conversationId, seq: head.seq, ordinal: head.ordinal }],
    })
    // Sessions the owner knows as members and we do not: their client says where it stands.
    for (const seat of this.#seatMissing(audience, userIds ?? [], head.seq, 'live'))
      seat.session.connection.sendSignal(frame)
    for (const seat of audience.seats) {
      if (seat.lastSeq >= head.seq) continue
      if (seat.state === 'stopped') seat.session.connection.sendSignal(frame)
      else this.#pull(seat, head.seq)
    }
    if (message.onSubject === true) this.#subscribe(audience)
    if (audience.seats.length === 0) this.#forget(audience)
  }

  /** A change of membership may have been missed: everybody's own catching up is the check. */
  #distrust(audience: Audience, message: EventsMessage, lastSeq: Seq): void {
    // Who has no seat may have come with an event that was missed.
    this.#seatMissing(audience, message.userIds ?? [], audience.seq, 'replaying')
    for (const seat of audience.seats) this.#pull(seat, lastSeq)
  }

  #deliverOne(audience: Audience, delivered: DeliveredEvent, opensHistory: boolean): void {
    const { event } = delivered
    const frames = new EventFrames(this.#deps, audience.conversationId, delivered, opensHistory)
    const changes = membershipChanges(event)
    if (changes !== undefined) this.#seatAdded(audience, changes.added, event.seq)
    for (const seat of audience.deliver(event.seq, frames) ?? []) this.#pull(seat, event.seq)
    if (changes === undefined) return
    for (const userId of changes.removed) this.#removeAfter(audience, userId, event.seq, frames)
    if (changes.isEnd) for (const seat of [...audience.seats]) this.remove(seat)
  }

  /** Whoever was removed learns that, even out of order, and nothing after it. */
  #removeAfter(audience: Audience, userId: UserId, seq: Seq, frames: EventFrames): void {
    for (const session of this.#deps.sessions.of(userId)) {
      const seat = session.seats.get(audience.conversationId)
      if (seat === undefined) continue
      if (seat.lastSeq < seq && seat.state === 'live') deliverTo(seat, seq, frames)
      this.remove(seat)
    }
  }

  #pull(seat: Seat, knownSeq: Seq): void {
    seat.hears(knownSeq)
    this.#deps.replays.pull(seat)
  }

  /** An audience for events whose readers have no seat here yet. */
  #seatNewcomers(message: EventsMessage, firstSeq: Seq): Audience | undefined {
    const { conversationId, userIds, membershipSeq } = message
    const present = (userIds ?? []).filter((userId) => this.#deps.sessions.of(userId).size > 0)
    if (present.length === 0) return undefined
    const audience = this.#require(
      conversationId,
      { seq: firstSeq - 1, ordinal: 0 },
      Math.min(membershipSeq, firstSeq - 1),
    )
    this.#seatMissing(audience, present, firstSeq - 1, 'live')
    return audience
  }

  /** Users who join with the event of seq `joinedSeq`. */
  #seatAdded(audience: Audience, userIds: readonly UserId[], joinedSeq: Seq): void {
    this.#seatMissing(audience, userIds, joinedSeq - 1, 'live')
    for (const userId of userIds) {
      for (const session of this.#deps.sessions.of(userId)) {
        const seat = session.seats.get(audience.conversationId)
        // An event that comes late may be of an earlier stay.
        if (seat !== undefined && seat.lastSeq < joinedSeq) seat.joinedSeq = joinedSeq
      }
    }
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

  #require(
    conversationId: ConversationId,
    head: { readonly seq: Seq; readonly ordinal: number },
    membershipSeq: Seq,
  ): Audience {
    let audience = this.#audiences.get(conversationId)
    if (audience === undefined) {
      audience = new Audience(
        conversationId,
        { seq: head.seq, ordinal: head.ordinal },
        membershipSeq,
      )
      this.#audiences.set(conversationId, audience)
    }
    return audience
  }

  #subscribe(audience: Audience): void {
    if (audience.isSubscribed || audience.seats.length === 0) return
    audience.isSubscribed = true
    this.#deps.bus.subscribe(this.#deps.gatewayId, audience.conversationId)
  }

  #forget(audience: Audience): void {
    this.#audiences.delete(audience.conversationId)
    if (audience.isSubscribed)
      this.#deps.bus.unsubscribe(this.#deps.gatewayId, audience.conversationId)
  }
}
