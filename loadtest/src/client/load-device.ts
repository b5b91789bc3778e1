import {
  LIMITS,
  parseDeviceId,
  type ClientCodec,
  type ConversationId,
  type DeviceId,
  type PushFrame,
  type RequestedCommand,
  type Seq,
  type UserId,
  type Welcome,
} from '@satchel/protocol'
import { JournalWriter } from '../journal.ts'
import type { Random } from '../random.ts'
import { Follower } from './follower.ts'
import { Outbox } from './outbox.ts'
import { Session, type SessionAddress } from './session.ts'

export interface LoadDeviceOptions {
  readonly deviceId: string
  readonly userId: UserId
  readonly token: string
  /** Of the gateways: each connection goes to one of them. */
  readonly addresses: readonly SessionAddress[]
  readonly codec: ClientCodec
  readonly random: Random
  readonly now: () => number
}

/** Where a command goes: a conversation, or the direct one with somebody. */
export interface Destination {
  readonly conversationId: ConversationId
  readonly to?: UserId | undefined
}

const RECONNECT_MAX_MS = 400
const ASK_AGAIN_PROBABILITY = 0.2

/**
 * A client installation under load: keeps a connection, follows every conversation of its user
 * without holes, keeps an outbox for each, and writes down all it asked for and saw.
 */
export class LoadDevice {
  readonly journal: JournalWriter
  readonly followers = new Map<ConversationId, Follower>()
  readonly #options: LoadDeviceOptions
  readonly #deviceId: DeviceId
  readonly #outboxes = new Map<ConversationId, Outbox>()
  #session: Session | undefined
  #isWelcome = false
  #stopped = false
  #connects = 0

  constructor(options: LoadDeviceOptions) {
    const deviceId = parseDeviceId(options.deviceId)
    if (deviceId === undefined) throw new Error(`${options.deviceId} is no device id`)
    this.#options = options
    this.#deviceId = deviceId
    this.journal = new JournalWriter(options.deviceId, options.userId)
  }

  get userId(): UserId {
    return this.#options.userId
  }

  get isConnected(): boolean {
    return this.#isWelcome
  }

  /** How often it has got a session. */
  get connects(): number {
    return this.#connects
  }

  get unanswered(): number {
    let unanswered = 0
    for (const outbox of this.#outboxes.values()) unanswered += outbox.unanswered
    return unanswered
  }

  /** Connects, and connects again whenever the connection ends, until `stop`. */
  start(): void {
    if (this.#stopped) return
    const session: Session = new Session(this.#options.codec, {
      pushed: (frame) => this.#take(frame),
      closed: () => this.#lost(session),
    })
    // Events may come in one message with the welcome, before its promise settles.
    this.#session = session
    const { token, addresses, random } = this.#options
    const address = random.pick(addresses)
    if (address === undefined) throw new Error('there is no gateway to connect to')
    const heads = this.#heads()
    const claimed = new Set(heads.map(({ conversationId }) => conversationId))
    session.open(address, { token, deviceId: this.#deviceId, heads }).then(
      (welcome) => {
        if (session.isOpen) this.#welcomed(session, welcome, claimed)
      },
      () => {
        session.destroy()
        this.#lost(session)
      },
    )
  }

  /** Cuts the connection; it comes back by itself unless stopped. */
  cut(): void {
    this.#session?.destroy()
  }

  stop(): void {
    this.#stopped = true
    this.#session?.destroy()
  }

  unansweredIn(conversationId: ConversationId): number {
    return this.#outboxes.get(conversationId)?.unanswered ?? 0
  }

  ask(
    { conversationId, to }: Destination,
    build: (key: string) => RequestedCommand,
    intendedMs: number,
  ): void {
    let outbox = this.#outboxes.get(conversationId)
    if (outbox === undefined) {
      outbox = new Outbox({
        journal: this.journal,
        conversationId,
        to,
      })
      this.#outboxes.set(conversationId, outbox)
      if (this.#session !== undefined && this.#isWelcome) outbox.connected(this.#session)
    }
    outbox.ask(build, intendedMs)
  }

  /** Asks the server where every conversation stands that has not reached `heads`. True when none is behind. */
  catchUp(heads: ReadonlyMap<ConversationId, Seq>): boolean {
    let isDone = true
    for (const [conversationId, seq] of heads) {
      const follower = this.followers.get(conversationId)
      if (follower !== undefined && follower.last >= seq) continue
      isDone = false
      if (follower === undefined) this.#adopt(conversationId)
      else this.#pull(conversationId, follower.last)
    }
    return isDone
  }

  #heads(): { readonly conversationId: ConversationId; readonly seq: Seq }[] {
    const heads = [...this.followers]
      .filter(([, { isMember, last }]) => isMember && last > 0)
      .map(([conversationId, { last: seq }]) => ({ conversationId, seq }))
    return heads.slice(-LIMITS.headsPerHello)
  }

  #welcomed(session: Session, welcome: Welcome, claimed: ReadonlySet<ConversationId>): void {
    this.#isWelcome = true
    this.#connects++
    for (const conversationId of welcome.gone) this.followers.get(conversationId)?.gone()
    for (const { conversationId, joinedSeq, head } of welcome.conversations) {
      // What `hello` named is replayed without asking.
      if (claimed.has(conversationId)) continue
      const follower =
        this.followers.get(conversationId) ?? this.#follow(conversationId, joinedSeq - 1)
      follower.listed(head.seq)
    }
    for (const outbox of this.#outboxes.values()) {
      outbox.connected(session)
      if (this.#options.random.chance(ASK_AGAIN_PROBABILITY)) outbox.askAgain()
    }
  }

  #lost(session: Session): void {
    if (this.#session !== session) return
    this.#session = undefined
    this.#isWelcome = false
    for (const outbox of this.#outboxes.values()) outbox.disconnected()
    for (const follower of this.followers.values()) follower.disconnected()
    if (!this.#stopped)
      setTimeout(() => this.start(), this.#options.random.next() * RECONNECT_MAX_MS)
  }

  #take(frame: PushFrame): void {
    switch (frame.type) {
      case 'event':
        this.#takeEvent(frame)
        return
      case 'replayed':
        this.followers.get(frame.conversationId)?.replayed(frame.seq)
        return
      case 'gap_too_large':
        this.followers.get(frame.conversationId)?.reset(frame.head.seq)
        return
      case 'heads':
        for (const { conversationId, seq } of frame.heads) {
          const follower = this.followers.get(conversationId)
          if (follower === undefined) this.#adopt(conversationId)
          else follower.hears(seq)
        }
        return
      default:
    }
  }

  #takeEvent({ conversationId, event }: Extract<PushFrame, { readonly type: 'event' }>): void {
    const follower = this.followers.get(conversationId)
    if (follower !== undefined) {
      follower.take(event)
      return
    }
    const { content } = event
    const joined =
      content.kind === 'conversation_created'
        ? content.memberIds
        : content.kind === 'members_added'
          ? content.userIds
          : []
    if (joined.includes(this.userId)) this.#follow(conversationId, event.seq - 1).take(event)
    else this.#adopt(conversationId)
  }

  #follow(conversationId: ConversationId, last: Seq): Follower {
    const { now, userId } = this.#options
    const follower = new Follower(
      {
        conversationId,
        userId,
        journal: this.journal,
        now,
        pull: (seq) => this.#pull(conversationId, seq),
      },
      last,
    )
    this.followers.set(conversationId, follower)
    return follower
  }

  /** A conversation heard of from the middle: finds out from where on it is the user's. */
  #adopt(conversationId: ConversationId): void {
    this.#session?.request('conversation', { conversationId }).then(
      ({ joinedSeq, head }) => {
        const follower =
          this.followers.get(conversationId) ?? this.#follow(conversationId, joinedSeq - 1)
        follower.hears(head.seq)
      },
      // Not a member any more, or the connection is gone: the next one will tell.
      () => undefined,
    )
  }

  #pull(conversationId: ConversationId, seq: Seq): void {
    this.#session?.request('catch_up', { conversationId, seq }).catch(() => {
      this.followers.get(conversationId)?.disconnected()
    })
  }
}
