import type { ConversationId, OutboxId, RequestedCommand, UserId } from '@satchel/protocol'
import { Follower } from '../../../loadtest/src/client/follower.ts'
import { JournalWriter } from '../../../loadtest/src/journal.ts'
import { markedText } from '../../../loadtest/src/event-trace.ts'
import { attachmentIdOf, attachmentOf } from '../domain/conversation-run.ts'
import type { SimulatedGateway } from './simulated-gateway.ts'
import { SimulatedOutbox, type Told } from './simulated-outbox.ts'
import type { Listener, SimulatedSession } from './simulated-session.ts'
import type { World } from './world.ts'

export interface SimulatedDeviceOptions {
  readonly world: World
  readonly userId: UserId
  readonly deviceId: string
  readonly everybody: readonly UserId[]
  readonly newOutboxId: () => OutboxId
  /**
   * Every device of the user is remembered there. The refusals of strangers are not: a second copy of
   * what they ask may be decided otherwise, and is not part of the promise.
   */
  readonly isKnown: (userId: UserId, conversationId: ConversationId) => boolean
  /** One that takes connections, if any does. */
  readonly findGateway: () => SimulatedGateway | undefined
}

interface Connection {
  readonly gateway: SimulatedGateway
  readonly session: SimulatedSession
  /** Up the socket. */
  readonly up: (run: () => void) => void
}

const EMOJI = ['👍', '🎉'] as const
const MAX_UNANSWERED = 20

/** A client: it connects to whatever gateway there is, follows its conversations and asks for things. */
export class SimulatedDevice implements Listener {
  readonly userId: UserId
  readonly deviceId: string
  readonly journal: JournalWriter
  readonly followers = new Map<ConversationId, Follower>()
  readonly #options: SimulatedDeviceOptions
  readonly #outboxes = new Map<ConversationId, SimulatedOutbox>()
  /** Messages with attachments stay: what is kept of them when they are deleted is no promise. */
  readonly #illustrated = new Set<string>()
  #requests = new Map<number, Told>()
  #requestId = 0
  #connection: Connection | undefined

  constructor(options: SimulatedDeviceOptions) {
    this.#options = options
    this.userId = options.userId
    this.deviceId = options.deviceId
    this.journal = new JournalWriter(options.deviceId, options.userId)
  }

  get unanswered(): number {
    let unanswered = 0
    for (const outbox of this.#outboxes.values()) unanswered += outbox.unanswered
    return unanswered
  }

  isKnownIn(conversationId: ConversationId): boolean {
    return this.#outboxes.get(conversationId)?.isKnown === true
  }

  connect(): void {
    const { world, findGateway } = this.#options
    const gateway = findGateway()
    if (gateway === undefined) {
      world.after(200, () => this.connect())
      return
    }
    world.after(world.random.between(1, 20), () => {
      if (gateway.process.isDead) {
        this.connect()
        return
      }
      const up = world.openPipe(() => world.random.between(1, 3))
      const heads = new Map([...this.followers].map(([id, { last }]) => [id, last]))
      this.#connection = { gateway, session: gateway.connect(this, heads), up }
      world.note(this.deviceId, `connects to ${gateway.process.id}`)
      for (const outbox of this.#outboxes.values()) this.#attach(outbox)
    })
  }

  /** Leaves its gateway, which may not even notice. */
  reconnect(): void {
    const connection = this.#connection
    if (connection === undefined) return
    const { gateway, session, up } = connection
    session.close()
    up(() => gateway.process.deliver(() => gateway.forget(session)))
    this.#lost()
  }

  createGroup(conversationId: ConversationId, memberIds: readonly UserId[], byServer?: true): void {
    const kind = 'create_conversation'
    this.#outboxOf(conversationId).ask(
      () => ({ kind, conversationKind: 'group', memberIds: [...memberIds] }),
      byServer,
    )
  }

  /** Does something in one of its conversations; also where it is no member any more. */
  act(): void {
    const { random } = this.#options.world
    const known = random.pick([...this.followers])
    if (known === undefined) return
    const [conversationId, follower] = known
    const outbox = this.#outboxOf(conversationId)
    if (outbox.unanswered < MAX_UNANSWERED) outbox.ask(this.#choose(conversationId, follower))
  }

  answered(requestId: number, answer: Parameters<Told['answered']>[0]): void {
    const told = this.#requests.get(requestId)
    this.#requests.delete(requestId)
    told?.answered(answer)
  }

  accepted(requestId: number): void {
    this.#requests.get(requestId)?.accepted()
  }

  event: Listener['event'] = (conversationId, event) => {
    const { content, seq } = event
    if (content.kind === 'message_sent' && content.attachments !== undefined)
      this.#illustrated.add(`${conversationId} ${seq}`)
    const follower = this.followers.get(conversationId) ?? this.#follow(conversationId, seq - 1)
    const before = follower.last
    follower.take(event)
    if (follower.last > before) this.#reportUpload(conversationId, event)
  }

  replayed: Listener['replayed'] = (conversationId, seq) => {
    this.followers.get(conversationId)?.replayed(seq)
  }

  gone: Listener['gone'] = (conversationId) => {
    this.followers.get(conversationId)?.gone()
  }

  closed(session: SimulatedSession): void {
    if (this.#connection?.session === session) this.#lost()
  }

  #lost(): void {
    this.#connection = undefined
    this.#requests = new Map()
    for (const outbox of this.#outboxes.values()) outbox.disconnected()
    for (const follower of this.followers.values()) follower.disconnected()
    this.connect()
  }

  #choose(conversationId: ConversationId, follower: Follower): (key: string) => RequestedCommand {
    const { world, everybody } = this.#options
    const { random } = world
    const target = random.pick(follower.messages)
    const own = random.pick(follower.ownMessages)
    const somebody = random.pick(everybody.filter((id) => id !== follower.creatorId))!
    const ticket = random.between(1, 100)
    if (ticket <= 8 && own !== undefined)
      return (key) => ({ kind: 'edit_message', target: own, text: markedText(key, 'better') })
    const isPlain = !this.#illustrated.has(`${conversationId} ${own ?? 0}`)
    if (ticket <= 12 && own !== undefined && isPlain)
      return () => ({ kind: 'delete_message', target: own })
    if (ticket <= 22 && target !== undefined) {
      const emoji = random.pick(EMOJI)!
      const removed = random.chance(0.3) ? true : undefined
      return () => ({ kind: 'react', target, emoji, removed })
    }
    if (follower.creatorId === this.userId) {
      if (ticket <= 30) return () => ({ kind: 'add_members', userIds: [somebody] })
      if (ticket <= 38 && this.#options.isKnown(somebody, conversationId))
        return () => ({ kind: 'remove_member', userId: somebody })
    }
    if (ticket <= 42) return () => ({ kind: 'set_member_settings', mutedUntilMs: ticket })
    const attachments = random.chance(0.1)
      ? [{ id: attachmentIdOf(random.between(0, 255)) }]
      : undefined
    const replyTo = random.chance(0.1) ? target : undefined
    return (key) => ({ kind: 'send_message', text: markedText(key, 'words'), attachments, replyTo })
  }

  /** The author's own first device sends what was uploaded through the pipeline, perhaps twice. */
  #reportUpload(
    conversationId: ConversationId,
    { seq, authorId, content }: Parameters<Listener['event']>[1],
  ): void {
    if (content.kind !== 'message_sent' || authorId !== this.userId) return
    const { world, findGateway } = this.#options
    for (const { id } of content.attachments ?? []) {
      const ready = { ...attachmentOf(0), id, version: 2, state: 'ready' } as const
      for (let times = world.random.between(1, 2); times > 0; times--)
        world.after(world.random.between(1, 3_000), () => {
          const gateway = findGateway()
          gateway?.process.deliver(() => gateway.report(conversationId, authorId, seq, ready))
        })
    }
  }

  #outboxOf(conversationId: ConversationId): SimulatedOutbox {
    const found = this.#outboxes.get(conversationId)
    if (found !== undefined) return found
    const { world, newOutboxId } = this.#options
    const { journal } = this
    const outbox = new SimulatedOutbox({ world, journal, outbox: newOutboxId(), conversationId })
    this.#outboxes.set(conversationId, outbox)
    this.#attach(outbox)
    return outbox
  }

  #attach(outbox: SimulatedOutbox): void {
    const connection = this.#connection
    if (connection === undefined) return
    const { gateway, session, up } = connection
    outbox.connected((request, told) => {
      const requestId = ++this.#requestId
      this.#requests.set(requestId, told)
      const authored = { ...request, authorId: this.userId }
      up(() => gateway.process.deliver(() => session.submit(requestId, authored)))
    })
  }

  #follow(conversationId: ConversationId, last: number): Follower {
    const { world } = this.#options
    const { userId, journal } = this
    const pull = (): void => world.violated(`${this.deviceId} was sent an event past a hole`)
    const options = { conversationId, userId, journal, now: () => world.nowMs, pull }
    const follower = new Follower(options, last)
    this.followers.set(conversationId, follower)
    return follower
  }
}
