import { ChatError, LIMITS, newConversationId, newSessionId } from '@satchel/protocol'
import { requireAttachmentTarget, type AttachmentTarget } from './attachment-target.ts'
import { forwardAttachment } from './forward-attachment.ts'
import type {
  ConversationEvent,
  ConversationId,
  InboxEntry,
  User,
  WireForm,
} from '@satchel/protocol'
import { systemClock } from './clock.ts'
import type { Clock } from './clock.ts'
import type { ConnectionState } from './connection-state.ts'
import { Connection } from './connection.ts'
import type { Conversation } from './conversation.ts'
import { Conversations } from './conversations.ts'
import { Emitter } from './emitter.ts'
import type { Unsubscribe } from './emitter.ts'
import {
  requireAttachmentId,
  requireConversationId,
  requireDeviceId,
  requireUserId,
  requireUserIds,
} from './identifiers.ts'
import { Inbox } from './inbox.ts'
import { Links } from './links.ts'
import type { AttachmentPlace } from './links.ts'
import type { MessageAttachment } from './message.ts'
import { Outboxes } from './outboxes.ts'
import type { NewConversation, OutgoingAttachment } from './outgoing.ts'
import { OwnedStorage } from './owned-storage.ts'
import { createPartTransport } from './part-transport.ts'
import type { PartTransport } from './part-transport.ts'
import { People } from './people.ts'
import { Presence } from './presence.ts'
import { requireSocketUrl } from './require-socket-url.ts'
import { createMemoryStorage } from './storage.ts'
import type { OutboxStorage } from './storage.ts'
import type { Upload, UploadSource } from './upload.ts'
import { Uploads } from './uploads.ts'
import type { PendingUpload, UploadSettings } from './uploads.ts'
import { openWebSocket } from './web-socket.ts'
import type { OpenWebSocket } from './web-socket.ts'
import { urlResolver } from './url-resolver.ts'

export interface ChatClientOptions {
  /** Like `ws://localhost:7700/v1/socket` or `wss://chat.example/v1/socket`; anything else is `bad_request`. */
  readonly url: string
  /**
   * Gets a token for the user from the integrator's backend. Called for every connection and before a
   * token expires. What it rejects with is tried again later, unless it is a `ChatError` that says no.
   */
  readonly getToken: () => Promise<string> | string
  /** Names this installation and is kept with it: 1 to 64 letters, digits, `_ . : -`. Random when absent. */
  readonly deviceId?: string | undefined
  /** Where unanswered commands and unfinished uploads survive a reload; memory unless given. */
  readonly storage?: OutboxStorage | undefined
  /** `json` is for looking at frames. */
  readonly form?: WireForm | undefined
  /** For platforms without a global `WebSocket`, and tests. */
  readonly openWebSocket?: OpenWebSocket | undefined
  /** How file parts are sent; `XMLHttpRequest` or `fetch` unless given. */
  readonly partTransport?: PartTransport | undefined
  readonly clock?: Clock | undefined
  /** A number from 0 to 1, for jitter. */
  readonly random?: (() => number) | undefined
}

export interface ChatClientEvents {
  state: ConnectionState
  /** Any conversation's next event, as the conversation itself tells it. */
  event: { readonly conversation: Conversation; readonly event: ConversationEvent }
}

export interface UploadOptions extends UploadSettings, AttachmentTarget {}

/**
 * A user's chat: one connection that keeps itself alive, and everything that goes through it.
 * Errors are `ChatError`s with a code of the protocol's registry.
 */
export class ChatClient {
  /** The user's conversations, newest first. */
  readonly inbox: Inbox
  /** Who is online. */
  readonly presence: Presence
  readonly #emitter = new Emitter<ChatClientEvents>()
  readonly #connection: Connection
  readonly #storage: OwnedStorage
  readonly #outboxes: Outboxes
  readonly #conversations: Conversations
  readonly #uploads: Uploads
  readonly #links: Links
  readonly #people: People
  #me: User | undefined
  #isClosed = false

  constructor(options: ChatClientOptions) {
    const { clock = systemClock, random = Math.random } = options
    const connection = new Connection({
      url: requireSocketUrl(options.url),
      form: options.form ?? 'msgpack',
      deviceId: requireDeviceId(options.deviceId ?? newSessionId()),
      getToken: options.getToken,
      listHeads: () => this.#conversations.listHeads(),
      clock,
      random,
      openWebSocket: options.openWebSocket ?? openWebSocket,
    })
    const storage = new OwnedStorage(options.storage ?? createMemoryStorage(), clock)
    const resolveUrl = urlResolver(options.url)
    const myId = () => this.#me?.id
    this.#connection = connection
    this.#storage = storage
    // First of all listeners: whoever else hears `live` may ask whose client this is.
    connection.on('live', ({ user }) => {
      this.#me = user
      this.#people.learn(user)
    })
    this.#people = new People(connection)
    this.presence = new Presence(connection)
    this.#links = new Links({ connection, clock, random, resolveUrl })
    const transport = options.partTransport ?? createPartTransport()
    this.#uploads = new Uploads({ connection, storage, clock, random, transport, resolveUrl, myId })
    const onEntry = (entry: InboxEntry): void => {
      this.#conversations.noteEntry(entry)
    }
    const onChange = (id: ConversationId): void => {
      this.#conversations.noteEntryChanged(id)
    }
    this.inbox = new Inbox({ connection, myId, onEntry, onChange })
    this.#outboxes = new Outboxes({
      connection,
      storage,
      clock,
      random,
      onRestored: (target, commands) => {
        this.#conversations.noteRestored(target, commands)
      },
    })
    this.#conversations = new Conversations({
      connection,
      clock,
      random,
      inbox: this.inbox,
      outboxes: this.#outboxes,
      uploads: this.#uploads,
      myId,
      isEverythingWatched: () => this.#emitter.hasListeners('event'),
      onEvent: (conversation, event) => {
        if (event.content.kind === 'user_erased') this.#people.forget(event.content.userId)
        this.#emitter.emit('event', { conversation, event })
      },
    })
    connection.on('state', (state) => {
      this.#emitter.emit('state', state)
    })
  }

  get state(): ConnectionState {
    return this.#connection.state
  }

  /** The user, once the server has said who it is. */
  get me(): User | undefined {
    return this.#me
  }

  on<Name extends keyof ChatClientEvents>(
    name: Name,
    listener: (value: ChatClientEvents[Name]) => void,
  ): Unsubscribe {
    return this.#emitter.on(name, listener)
  }

  /**
   * Connects, and stays connected until `close`. Resolves with the first session, however long that
   * takes; rejects when the server refuses for good. After that it may be called again.
   */
  connect(): Promise<void> {
    if (this.#isClosed) return Promise.reject(new ChatError('unavailable', 'the client was closed'))
    this.#storage.open()
    return this.#connection.connect()
  }

  /** Tries now instead of waiting out the back-off; for when the network is known to be back. */
  reconnectNow(): void {
    this.#connection.reconnectNow()
  }

  /** For good. What has no answer is rejected; what the storage keeps goes on with the next client. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#connection.close()
    this.#outboxes.close(new ChatError('unavailable', 'the client was closed'))
    this.#uploads.close()
    this.#storage.close()
  }

  /** Creates a group or a channel; resolves when it exists with all its members. */
  async createConversation(wanted: NewConversation): Promise<Conversation> {
    const { kind, memberIds = [], title, avatar, data, settings } = wanted
    const ids = requireUserIds(memberIds)
    const first = ids.slice(0, LIMITS.membersPerCommand)
    const { copy, conversation } = this.#conversations.addNew(newConversationId(kind))
    const created = copy.sender.command({
      kind: 'create_conversation',
      conversationKind: kind,
      title,
      avatar,
      data,
      settings,
      memberIds: first.length === 0 ? undefined : first,
    })
    const rest = ids.slice(LIMITS.membersPerCommand)
    await Promise.all([created, conversation.addMembers(rest)])
    return conversation
  }

  /** The conversation with this id: always the same object. */
  conversation(id: string): Conversation {
    return this.#conversations.get(requireConversationId(id))
  }

  /** The conversation with one other person, whether or not it exists yet: the first message makes it. */
  direct(userId: string): Conversation {
    return this.#conversations.direct(requireUserId(userId))
  }

  /** Starts to upload a file. Give the upload to `send` at once: its message need not wait for the bytes. */
  upload(file: UploadSource, options: UploadOptions): Upload {
    return this.#uploads.start(file, requireAttachmentTarget(options), options)
  }

  /** Goes on with an upload of an earlier page or another device, given the same file again. */
  resumeUpload(
    attachmentId: string,
    file: UploadSource,
    settings: UploadSettings = {},
  ): Promise<Upload> {
    return this.#uploads.resume(attachmentId, file, settings)
  }

  /** Uploads of earlier pages that are not complete, newest first. */
  pendingUploads(): Promise<readonly PendingUpload[]> {
    return this.#uploads.listPending()
  }

  /** This page's upload of an attachment, for its progress. */
  findUpload(attachmentId: string): Upload | undefined {
    return this.#uploads.find(attachmentId)
  }

  /**
   * Why an upload of this user's did not become `ready` (`malware`, `type_not_allowed` …). Of a rejected file
   * its message does not say it: nobody else learns.
   */
  async uploadReason(attachmentId: string): Promise<string | undefined> {
    const id = requireAttachmentId(attachmentId)
    return (await this.#connection.request({ type: 'upload_status', attachmentId: id })).reason
  }

  /** A new attachment of a file somebody sent, for a message elsewhere: `send({ attachments: [it] })`. No bytes move. */
  forward(
    attachment: MessageAttachment | AttachmentPlace,
    target: AttachmentTarget,
  ): Promise<OutgoingAttachment> {
    return forwardAttachment(this.#connection, attachment, target)
  }

  /** A URL for a variant (`original`, `w320`, `w800` …), good for a minute at least. Ask again each time one is needed. */
  async link(attachment: MessageAttachment | AttachmentPlace, variant: string): Promise<string> {
    return await this.#links.get(attachment, variant)
  }

  /** People whose name or id starts like this: those who share a conversation, or everybody, as the server is set. */
  people(prefix: string, limit?: number): Promise<readonly User[]> {
    return this.#people.search(prefix, limit)
  }

  /** Users by id, in that order; known ones come from memory, those that do not exist are left out. */
  users(userIds: readonly string[]): Promise<readonly User[]> {
    return this.#people.list(userIds)
  }

  /** A user that is known already. */
  knownUser(userId: string): User | undefined {
    return this.#people.find(userId)
  }

  /** Replaces the user's own name and avatar; `data` is for backends to write. */
  async updateProfile({ name, avatar }: Pick<User, 'name' | 'avatar'>): Promise<User> {
    const request = { type: 'update_profile', profile: { name, avatar } } as const
    const user = await this.#connection.request(request)
    this.#me = user
    this.#people.learn(user)
    return user
  }
}
