import { ChatError } from '@satchel/protocol'
import type {
  CommandResult,
  ConversationEvent,
  ConversationId,
  Head,
  InboxEntry,
  MemberSettings,
  Seq,
  UserId,
} from '@satchel/protocol'
import { Activities } from './activities.ts'
import type { CommandTarget } from './command-target.ts'
import type { CopyDeps } from './copy-deps.ts'
import type { ConversationEvents, HistoryPage, HistoryRequest } from './conversation-events.ts'
import { ConversationMarks } from './conversation-marks.ts'
import { Emitter } from './emitter.ts'
import { EventLine } from './event-line.ts'
import { isOutdatedBy } from './inbox-entry.ts'
import { MarkSender } from './mark-sender.ts'
import { leaverOf } from './leaver-of.ts'
import type { MemberMarks } from './mark-sender.ts'
import type { Message } from './message.ts'
import { MessageSender } from './message-sender.ts'
import { oncePerTurn } from './once-per-turn.ts'
import { OutdatedMessages } from './outdated-messages.ts'
import { readMembers, type MembersPage, type MembersRequest } from './read-members.ts'
import { readMessage } from './read-message.ts'
import { Timeline } from './timeline.ts'
import type { Upload, UploadProgress, UploadSource } from './upload.ts'

const PAGE_SIZE = 50

/** What this client holds of one conversation, and everything that goes on with it. */
export class ConversationCopy {
  readonly emitter = new Emitter<ConversationEvents>()
  readonly timeline: Timeline
  readonly activities: Activities
  readonly line: EventLine
  readonly sender: MessageSender
  readonly marks: ConversationMarks
  readonly peerId: UserId | undefined
  /** It reads differently, perhaps in its inbox line alone; told once for changes that come together. */
  readonly changed = oncePerTurn(() => {
    this.emitter.emit('change', undefined)
  })
  readonly #deps: CopyDeps<ConversationCopy>
  readonly #outdated = new OutdatedMessages((seq) => {
    this.#readAgain(seq)
  })
  #id: ConversationId | undefined
  #isOpen = false

  /** `cursor`: the last event that is of no interest any more; `undefined` when that is still to be learnt. */
  constructor(
    deps: CopyDeps<ConversationCopy>,
    { id, peerId, cursor }: { id?: ConversationId; peerId?: UserId; cursor?: number },
  ) {
    const { connection, clock, random, uploads } = deps
    this.#deps = deps
    this.#id = id
    this.peerId = peerId
    const context = () => ({ conversationId: this.#id, myId: deps.myId() })
    this.timeline = new Timeline(context, () => {
      this.changed()
    })
    this.activities = new Activities(connection, clock, () => {
      this.emitter.emit('activity', this.activities.active)
    })
    const deliver = (event: ConversationEvent): void => {
      this.#deliver(event)
    }
    const catchUp = (seq: number) => this.#catchUp(seq)
    this.line = new EventLine({ clock, random, deliver, catchUp }, cursor)
    this.marks = new ConversationMarks({
      id: () => this.#id,
      myId: deps.myId,
      inbox: deps.inbox,
      timeline: this.timeline,
      sender: new MarkSender(connection, clock, () => this.#id),
      onChange: (marks) => {
        this.emitter.emit('marks', marks)
      },
      refreshEntry: deps.refreshEntry,
    })
    this.sender = new MessageSender({
      outbox: () => deps.outboxes.of(this.target),
      timeline: this.timeline,
      context,
      findUpload: (attachmentId) => uploads.find(attachmentId),
      onSend: () => {
        this.open()
      },
      onSettled: (seq) => {
        this.#findSent(seq)
      },
      onResult: (result) => {
        this.#onResult(result)
      },
    })
  }

  get id(): ConversationId | undefined {
    return this.#id
  }

  get entry(): InboxEntry | undefined {
    return this.#id === undefined ? undefined : this.#deps.inbox.get(this.#id)
  }

  get target(): CommandTarget {
    if (this.#id !== undefined) return { conversationId: this.#id }
    if (this.peerId !== undefined) return { to: this.peerId }
    throw new ChatError('no_such_conversation', 'the conversation has neither an id nor a person')
  }

  /** Somebody wants its events: what was missed must be fetched, not skipped. */
  get isWatched(): boolean {
    return this.#isOpen || this.#deps.isEverythingWatched()
  }

  /** Somebody looks at it: from now on its messages are kept. */
  open(): void {
    this.#isOpen = true
    this.#deps.onOpen(this)
  }

  /** Lets go of what is loaded, unless somebody listens or something is on its way. Tells whether it did. */
  release(): boolean {
    const { emitter, timeline } = this
    const isInUse = emitter.hasListeners('event') || emitter.hasListeners('change')
    if (isInUse || timeline.hasLocal) return false
    this.#isOpen = false
    timeline.reset(this.line.cursor ?? 0)
    return true
  }

  /** The direct conversation exists and is this one. */
  bind(id: ConversationId): void {
    this.#id = id
    this.changed()
  }

  upload(file: UploadSource, onProgress: ((progress: UploadProgress) => void) | undefined): Upload {
    return this.#deps.uploads.start(file, this.target, { onProgress })
  }

  async history({ before, after, around, limit }: HistoryRequest): Promise<HistoryPage> {
    this.open()
    if (this.#id === undefined && this.peerId !== undefined) {
      await this.#deps.findDirect(this.peerId)
    }
    const conversationId = this.#id
    if (conversationId === undefined) return this.#noHistory()
    const page = await this.#deps.connection.request({
      type: 'history',
      conversationId,
      before,
      after,
      around,
      limit: limit ?? PAGE_SIZE,
    })
    this.timeline.addPage({ before, after, around }, page, (event) => this.#confirm(event))
    const seqs = new Set(page.events.map(({ seq }) => seq))
    const messages = this.timeline.messages.filter(({ seq }) => seq !== undefined && seqs.has(seq))
    return { messages, events: page.events, more: page.more }
  }

  /** Nobody has written yet: whatever there will be, nothing comes before it. */
  #noHistory(): HistoryPage {
    const head = { seq: 0, ordinal: 0, timeMs: 0 }
    this.timeline.addPage({}, { events: [], head, more: false }, () => undefined)
    return { messages: [], events: [], more: false }
  }

  /** One message as it is now; it is not kept. */
  readMessage(seq: Seq): Promise<Message | undefined> {
    const { connection, myId } = this.#deps
    const loaded = this.timeline.messages.find((message) => message.seq === seq)
    if (loaded !== undefined) return Promise.resolve(loaded)
    return readMessage(connection, { conversationId: this.#requireId(), myId: myId() }, seq)
  }

  members(request: MembersRequest): Promise<MembersPage> {
    return readMembers(this.#deps.connection, this.#requireId(), request)
  }

  async loadMarks(): Promise<readonly MemberMarks[]> {
    const conversationId = this.#requireId()
    const answer = await this.#deps.connection.request({ type: 'marks', conversationId })
    for (const { userId, read, delivered } of answer.marks) {
      this.marks.noteMember(userId, { read, delivered })
    }
    return [...this.marks.members.values()]
  }

  async follow(): Promise<void> {
    const conversationId = this.#requireId()
    const { connection, inbox } = this.#deps
    inbox.applyEntry(await connection.request({ type: 'follow', conversationId }))
  }

  async unfollow(): Promise<void> {
    const conversationId = this.#requireId()
    await this.#deps.connection.request({ type: 'unfollow', conversationId })
    this.#deps.inbox.remove(conversationId)
  }

  /** The user has left: their line goes, whether or not they are told of it as others are. */
  noteLeft(): void {
    if (this.#id !== undefined) this.#deps.inbox.remove(this.#id)
  }

  noteSettings(settings: MemberSettings): void {
    if (this.#id !== undefined) this.#deps.inbox.applySettings(this.#id, settings)
  }

  /** Too much was missed: what is loaded is dropped, and the last page takes its place. */
  dropCopy(head: Head): void {
    const wasWatched = this.isWatched
    this.timeline.reset(head.seq)
    this.line.jump(head.seq)
    this.emitter.emit('reset', { seq: head.seq })
    if (this.#id !== undefined) this.#deps.refreshEntry(this.#id)
    if (wasWatched) this.history({}).catch(() => undefined)
  }

  /** The user is not in it any more. */
  leave(): void {
    const seq = this.line.cursor ?? 0
    this.line.leave()
    this.timeline.reset(seq)
    this.emitter.emit('reset', { seq })
  }

  async #catchUp(seq: number): Promise<void> {
    const conversationId = this.#requireId()
    try {
      await this.#deps.connection.askOnce({ type: 'catch_up', conversationId, seq })
    } catch (error) {
      // Removed meanwhile, or no follower any more: no event has told it, and none will.
      if (error instanceof ChatError && error.code === 'not_a_member') {
        this.noteLeft()
        this.leave()
      }
      throw error
    }
  }

  #deliver(event: ConversationEvent): void {
    const { inbox, myId } = this.#deps
    const key = this.#confirm(event)
    if (this.#isOpen) {
      this.timeline.apply(event, key)
      this.#outdated.add(this.timeline.outdatedBy(event))
    }
    if (event.content.kind === 'message_sent') {
      this.activities.messageSent(event.authorId, event.authorId === myId())
    }
    if (this.#id !== undefined) {
      const { entry } = this
      if (entry === undefined || isOutdatedBy(entry, event)) this.#deps.refreshEntry(this.#id)
      inbox.applyEvent(this.#id, event)
    }
    const leaver = leaverOf(event)
    if (leaver !== undefined) this.marks.forget(leaver)
    this.emitter.emit('event', event)
    this.#deps.onEvent(this, event)
  }

  /** An event with a command id of this device answers the command; the key it went by, if it was waiting. */
  #confirm({ commandId, seq, timeMs }: ConversationEvent): string | undefined {
    if (commandId === undefined || this.#id === undefined) return undefined
    const result = { conversationId: this.#id, seq, timeMs }
    return this.#deps.outboxes.confirm(commandId, result)
  }

  #onResult({ conversationId, seq }: CommandResult): void {
    if (this.#id === undefined) this.#deps.onId(this, conversationId, seq)
    // Should the event itself get lost, this is how it is missed.
    if (seq !== undefined) this.line.expect(seq)
  }

  /** Sent in an earlier session, or before too large a gap: its event has been passed and will not come again. */
  #findSent(seq: Seq): void {
    const { timeline, line } = this
    if (!timeline.awaits(seq) || line.cursor === undefined || line.cursor < seq) return
    this.#readAgain(seq)
  }

  #readAgain(seq: Seq): void {
    this.history({ around: seq, limit: 1 }).catch(() => undefined)
  }

  #requireId(): ConversationId {
    if (this.#id !== undefined) return this.#id
    throw new ChatError('no_such_conversation', 'nobody has written in this conversation yet')
  }
}
