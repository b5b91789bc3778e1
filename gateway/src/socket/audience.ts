import type { ConversationId, Head, Seq } from '@satchel/protocol'
import type { ConversationRules, EventFrames } from './event-frames.ts'
import type { Seat } from './seat.ts'

/** The sessions of one conversation in this gateway: a plain list, because every delivery walks it. */
export class Audience implements ConversationRules {
  readonly conversationId: ConversationId
  readonly seats: Seat[] = []
  /** Up to here this gateway has seen every event of the conversation. */
  seq: Seq
  /** Where the conversation stands, as far as this gateway has heard. */
  head: Pick<Head, 'seq' | 'ordinal'>
  isSubscribed = false
  /** What it has missed is being read. */
  isFetching = false
  opensHistory: boolean | undefined
  strictLinks: boolean | undefined

  constructor(conversationId: ConversationId, head: Pick<Head, 'seq' | 'ordinal'>) {
    this.conversationId = conversationId
    this.seq = head.seq
    this.head = head
  }

  /** There is more than this gateway has seen, and somebody it is for. */
  get isBehind(): boolean {
    return this.seq < this.head.seq && this.seats.length > 0
  }

  /** Until an event says so again, nobody is shown more than all may see. */
  forgetRules(): void {
    this.opensHistory = undefined
    this.strictLinks = undefined
  }

  hears(seq: Seq, ordinal: number): void {
    if (seq > this.head.seq) this.head = { seq, ordinal }
  }

  /** Every event up to `seq` has been seen here. */
  advance(seq: Seq, ordinal: number): void {
    this.hears(seq, ordinal)
    if (seq > this.seq) this.seq = seq
  }

  add(seat: Seat): void {
    seat.index = this.seats.length
    this.seats.push(seat)
  }

  remove(seat: Seat): void {
    const last = this.seats.pop()
    if (last === undefined || last === seat) return
    this.seats[seat.index] = last
    last.index = seat.index
  }

  /**
   * Offers one event to everybody. Hot: no allocation, no look-up per session. Gives the seats that
   * have to catch up instead, if there are any: they would see a hole, or more than is for them.
   */
  deliver(seq: Seq, frames: EventFrames): Seat[] | undefined {
    let holes: Seat[] | undefined
    for (const seat of this.seats) {
      if (seat.state !== 'live') seat.hears(seq)
      else if (seq === seat.lastSeq + 1 && !frames.dependsOn(seat.joinedSeq))
        deliverTo(seat, seq, frames)
      else if (seq > seat.lastSeq) (holes ??= []).push(seat)
    }
    return holes
  }
}

/** Sends the next event to a live seat. A dropped event ends the stream: the client will pull. */
export function deliverTo(seat: Seat, seq: Seq, frames: EventFrames): void {
  const { connection, userId } = seat.session
  const { form, outbound } = connection
  const bytes = frames.bytes(form, userId, seat.joinedSeq)
  const isTaken = frames.isOwn(userId) ? outbound.offerOwnEvent(bytes) : outbound.offerEvent(bytes)
  if (isTaken) seat.lastSeq = seq
  else seat.state = 'stopped'
  seat.knownSeq = seq
}
