import type {
  ConversationEvent,
  ConversationId,
  InboxEntry,
  PushFrame,
  RequestFrameOf,
  Seq,
  UserId,
  Welcome,
} from '@satchel/protocol'
import { LIMITS } from '@satchel/protocol'
import type { CommandTarget } from './command-target.ts'
import { ConversationCopy } from './conversation-copy.ts'
import type { CopyDeps } from './copy-deps.ts'
import { Conversation } from './conversation.ts'
import { DirectFinder } from './direct-finder.ts'
import { OpenCopies } from './open-copies.ts'
import { receivePush } from './receive-push.ts'
import type { QueuedCommand } from './outbox-item.ts'

export type ConversationsDeps = Omit<
  CopyDeps<ConversationCopy>,
  'onId' | 'findDirect' | 'refreshEntry' | 'onEvent' | 'onOpen'
> & {
  readonly onEvent: (conversation: Conversation, event: ConversationEvent) => void
}

interface Known {
  readonly copy: ConversationCopy
  readonly conversation: Conversation
}

/** Events of a conversation that was not known wait here for its inbox line, so many at most. */
const EARLY_EVENTS_MAX = 200
/** A direct conversation that was waited for is a new one as long as it is no longer than this. */
const NEW_EVENTS_MAX = 50

/** Every conversation this client knows, by id and by person, and what the server says about them. */
export class Conversations {
  readonly #deps: ConversationsDeps
  readonly #byId = new Map<ConversationId, Known>()
  readonly #byPeer = new Map<UserId, Known>()
  readonly #learning = new Map<ConversationId, ConversationEvent[]>()
  readonly #refreshing = new Set<ConversationId>()
  readonly #finder: DirectFinder
  readonly #open = new OpenCopies()
  #toldHeads = new Set<ConversationId>()
  #isLive = false

  constructor(deps: ConversationsDeps) {
    this.#deps = deps
    const { connection } = deps
    this.#finder = new DirectFinder(connection, (peerId, entry) => {
      this.#onDirectFound(peerId, entry)
    })
    connection.on('live', (welcome) => {
      this.#start(welcome)
    })
    connection.on('lost', () => {
      this.#isLive = false
      for (const { copy } of this.#byId.values()) copy.line.stop()
    })
    connection.on('push', (frame) => {
      this.#receive(frame)
    })
  }

  /** The one object for this conversation, whether or not anything is known about it yet. */
  get(id: ConversationId): Conversation {
    const known = this.#byId.get(id) ?? this.#add(id, undefined, undefined)
    known.copy.open()
    if (known.copy.entry === undefined) this.#refreshEntry(id)
    return known.conversation
  }

  direct(peerId: UserId): Conversation {
    const { copy, conversation } = this.#knownDirect(peerId)
    copy.open()
    if (this.#isLive) this.#findDirect(peerId).catch(() => undefined)
    return conversation
  }

  /** One that this client is about to create: everything that happens in it is of interest. */
  addNew(id: ConversationId): Known {
    const known = this.#add(id, undefined, 0)
    known.copy.open()
    return known
  }

  /** Where the conversations stand, those that somebody looks at first; for `hello`. */
  listHeads(): RequestFrameOf<'hello'>['heads'] {
    const newestFirst = this.#deps.inbox.conversations.flatMap(
      ({ conversationId }) => this.#byId.get(conversationId)?.copy ?? [],
    )
    const copies = [...newestFirst, ...[...this.#byId.values()].map(({ copy }) => copy)]
    const watched = copies.filter((copy) => copy.isWatched)
    const heads = [...new Set([...watched, ...copies])].flatMap(({ id, line }) =>
      id === undefined || line.cursor === undefined
        ? []
        : [{ conversationId: id, seq: line.cursor }],
    )
    const told = heads.slice(0, LIMITS.headsPerHello)
    this.#toldHeads = new Set(told.map(({ conversationId }) => conversationId))
    return told.length === 0 ? undefined : told
  }

  /** The inbox has a line for it. */
  noteEntry(entry: InboxEntry): void {
    const { conversationId, head } = entry
    const early = this.#learning.get(conversationId)
    this.#learning.delete(conversationId)
    const start = this.#startOf(entry, early?.[0])
    const known = this.#byId.get(conversationId) ?? this.#add(conversationId, entry.peerId, start)
    if (entry.peerId !== undefined) this.#byPeer.set(entry.peerId, known)
    known.copy.line.startAt(start)
    for (const event of early ?? []) known.copy.line.receive(event)
    if (known.copy.isWatched || early !== undefined) known.copy.line.noteHead(head.seq)
    else known.copy.line.skipTo(head.seq)
  }

  /** Its inbox line reads differently, or is gone. */
  noteEntryChanged(id: ConversationId): void {
    this.#byId.get(id)?.copy.changed()
  }

  /** After which event a conversation that the inbox tells of becomes interesting. */
  #startOf({ peerId, head }: InboxEntry, firstHeard: ConversationEvent | undefined): Seq {
    if (firstHeard !== undefined) return firstHeard.seq - 1
    const waiting = peerId === undefined ? undefined : this.#byPeer.get(peerId)
    const isNew = waiting !== undefined && waiting.copy.id === undefined
    return isNew && head.seq <= NEW_EVENTS_MAX ? 0 : head.seq
  }

  /** Commands of an earlier page wait for their answers again. */
  noteRestored(target: CommandTarget, commands: readonly QueuedCommand[]): void {
    const { copy } =
      'to' in target
        ? this.#knownDirect(target.to)
        : (this.#byId.get(target.conversationId) ??
          this.#add(target.conversationId, undefined, undefined))
    for (const command of commands) copy.sender.showRestored(command)
  }

  #knownDirect(peerId: UserId): Known {
    const known =
      this.#byPeer.get(peerId) ?? this.#create(new ConversationCopy(this.#copyDeps(), { peerId }))
    this.#byPeer.set(peerId, known)
    return known
  }

  #start(welcome: Welcome): void {
    this.#isLive = true
    for (const id of welcome.gone) {
      this.#deps.inbox.remove(id)
      this.#byId.get(id)?.copy.leave()
    }
    const moved = new Set(welcome.conversations.map(({ conversationId }) => conversationId))
    for (const [id, { copy }] of this.#byId) {
      copy.line.start(this.#toldHeads.has(id) && (moved.has(id) || welcome.more))
    }
    void this.#deps.inbox.applyWelcome(welcome.conversations, welcome.more).catch(() => undefined)
    for (const [id, { copy }] of this.#byId) {
      if (copy.entry === undefined && !welcome.gone.includes(id)) this.#refreshEntry(id)
    }
    this.#finder.forget()
    for (const peerId of this.#byPeer.keys()) this.#findDirect(peerId).catch(() => undefined)
  }

  #receive(frame: PushFrame): void {
    if (frame.type === 'caught_up') {
      for (const { copy } of this.#byId.values()) copy.line.caughtUp()
      return
    }
    if (frame.type === 'heads') {
      for (const { conversationId, seq } of frame.heads) this.#noteHead(conversationId, seq)
      return
    }
    if (!('conversationId' in frame)) return
    const known = this.#byId.get(frame.conversationId)
    if (known !== undefined) receivePush(known.copy, frame)
    else if (frame.type === 'event') this.#learn(frame.conversationId, frame.event)
  }

  #noteHead(conversationId: ConversationId, seq: Seq): void {
    const known = this.#byId.get(conversationId)
    if (known === undefined) this.#refreshEntry(conversationId)
    else known.copy.line.noteHead(seq)
  }

  /** An event of a conversation nobody has told about: the user was just added, or it is a very old one. */
  #learn(conversationId: ConversationId, event: ConversationEvent): void {
    const early = this.#learning.get(conversationId) ?? []
    this.#learning.set(conversationId, early)
    if (early.length < EARLY_EVENTS_MAX) early.push(event)
    this.#refreshEntry(conversationId)
  }

  #refreshEntry(conversationId: ConversationId): void {
    if (!this.#isLive || this.#refreshing.has(conversationId)) return
    this.#refreshing.add(conversationId)
    const { connection, inbox } = this.#deps
    connection
      .request({ type: 'conversation', conversationId })
      .then(
        (entry) => {
          inbox.applyEntry(entry)
        },
        () => {
          this.#learning.delete(conversationId)
        },
      )
      .finally(() => {
        this.#refreshing.delete(conversationId)
      })
      .catch(() => undefined)
  }

  async #findDirect(peerId: UserId): Promise<void> {
    if (this.#byPeer.get(peerId)?.copy.id === undefined) await this.#finder.find(peerId)
  }

  #onDirectFound(peerId: UserId, entry: InboxEntry): void {
    // It was there before: what happened in it is no news. Unless it is this client that just made it.
    const isOurs = this.#byPeer.get(peerId)?.copy.timeline.hasLocal === true
    if (!isOurs && !this.#byId.has(entry.conversationId)) {
      this.#add(entry.conversationId, peerId, undefined)
    }
    this.#deps.inbox.applyEntry(entry)
  }

  #onId(copy: ConversationCopy, conversationId: ConversationId, seq: Seq | undefined): void {
    copy.bind(conversationId)
    if (copy.peerId !== undefined) this.#deps.outboxes.bind(copy.peerId, conversationId)
    const known = this.#byId.get(conversationId)
    if (known === undefined) this.#byId.set(conversationId, this.#create(copy))
    if (this.#isLive) copy.line.start(false)
    // A conversation just made starts with its creation; of an older one only what follows is new.
    if (seq !== undefined) copy.line.startAt(seq <= NEW_EVENTS_MAX ? 0 : seq - 1)
    this.#refreshEntry(conversationId)
  }

  #add(id: ConversationId, peerId: UserId | undefined, cursor: number | undefined): Known {
    const waiting = peerId === undefined ? undefined : this.#byPeer.get(peerId)
    if (waiting !== undefined && waiting.copy.id === undefined) {
      waiting.copy.bind(id)
      if (peerId !== undefined) this.#deps.outboxes.bind(peerId, id)
      this.#byId.set(id, waiting)
      if (this.#isLive) waiting.copy.line.start(false)
      return waiting
    }
    const known = this.#create(
      new ConversationCopy(this.#copyDeps(), {
        id,
        ...(peerId === undefined ? {} : { peerId }),
        ...(cursor === undefined ? {} : { cursor }),
      }),
    )
    this.#byId.set(id, known)
    if (this.#isLive) known.copy.line.start(false)
    return known
  }

  readonly #conversations = new Map<ConversationCopy, Known>()

  #create(copy: ConversationCopy): Known {
    const known = this.#conversations.get(copy) ?? { copy, conversation: new Conversation(copy) }
    this.#conversations.set(copy, known)
    return known
  }

  #copyDeps(): CopyDeps<ConversationCopy> {
    return {
      ...this.#deps,
      onOpen: (copy) => {
        this.#open.add(copy)
      },
      onEvent: (copy, event) => {
        this.#deps.onEvent(this.#create(copy).conversation, event)
      },
      onId: (copy, conversationId, seq) => {
        this.#onId(copy, conversationId, seq)
      },
      findDirect: (peerId) => this.#findDirect(peerId),
      refreshEntry: (conversationId) => {
        this.#refreshEntry(conversationId)
      },
    }
  }
}
