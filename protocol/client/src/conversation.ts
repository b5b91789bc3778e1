import { ChatError, LIMITS, conversationKindOf } from '@satchel/protocol'
import type {
  Activity,
  CommandResult,
  ConversationDetails,
  ConversationEvent,
  ConversationId,
  ConversationKind,
  InboxEntry,
  MarkKind,
  RequestedCommand,
  Role,
  Seq,
  UserId,
} from '@satchel/protocol'
import type { ActiveMembers } from './activities.ts'
import type { ConversationCopy } from './conversation-copy.ts'
import type { ConversationEvents, HistoryPage, HistoryRequest } from './conversation-events.ts'
import type { Unsubscribe } from './emitter.ts'
import { requireUserId, requireUserIds } from './identifiers.ts'
import type { MemberMarks } from './mark-sender.ts'
import type { Message } from './message.ts'
import { editCommand } from './outgoing.ts'
import type { MessageEdit, OutgoingMessage, Sent } from './outgoing.ts'
import type { MembersPage, MembersRequest } from './read-members.ts'
import type { Upload, UploadProgress, UploadSource } from './upload.ts'

/**
 * A conversation as one user sees it. What changes it resolves with the final answer, is safe to call
 * without a connection (it goes out with the next one), and rejects with a `ChatError` whose code says why.
 */
export class Conversation {
  readonly #copy: ConversationCopy

  /** @internal */
  constructor(copy: ConversationCopy) {
    this.#copy = copy
  }

  /** Absent for a person to whom nobody has written yet: known with the first message. */
  get id(): ConversationId | undefined {
    return this.#copy.id
  }

  get kind(): ConversationKind {
    return this.id === undefined ? 'direct' : (conversationKindOf(this.id) ?? 'direct')
  }

  /** The other person of a direct conversation. */
  get peerId(): UserId | undefined {
    return this.#copy.peerId ?? this.entry?.peerId
  }

  /** Its line in the inbox: title, role, counts, pins. */
  get entry(): InboxEntry | undefined {
    return this.#copy.entry
  }

  get title(): string | undefined {
    return this.entry?.title
  }

  /**
   * What is loaded, folded for a screen and ordered by seq, then own messages on their way or failed.
   * A new array after each change; messages that did not change stay the same objects. When a hundred
   * other conversations were opened since and nobody listens, what was loaded is dropped.
   */
  get messages(): readonly Message[] {
    return this.#copy.timeline.messages
  }

  /** Loaded events that are about the conversation rather than one message: created, members, titles, pins. */
  get notices(): readonly ConversationEvent[] {
    return this.#copy.timeline.notices
  }

  /** There may be something before the first loaded message: `history({ before: messages[0].seq })`. */
  get hasOlder(): boolean {
    return this.#copy.timeline.hasOlder
  }

  /** Who is typing, recording or uploading. */
  get active(): ActiveMembers {
    return this.#copy.activities.active
  }

  on<Name extends keyof ConversationEvents>(
    name: Name,
    listener: (value: ConversationEvents[Name]) => void,
  ): Unsubscribe {
    if (name === 'event' || name === 'change') this.#copy.open()
    return this.#copy.emitter.on(name, listener)
  }

  /** Sends a message; it is in `messages` at once. Resolves when it is safe, with its place. */
  async send(message: OutgoingMessage | string): Promise<Sent> {
    const sent = await this.#copy.sender.send(
      typeof message === 'string' ? { text: message } : message,
    )
    return { seq: requireSeq(sent) }
  }

  /**
   * Sends what a message of any conversation says, and its files that are `ready`, as an own message; no bytes
   * move. Like `send`: it is in `messages` at once, goes on after a reload, and is not sent twice.
   */
  async forward(message: Message): Promise<Sent> {
    return { seq: requireSeq(await this.#copy.sender.forward(message)) }
  }

  /** Sends a failed message again, as a new one; `key` as in `messages`. */
  async retry(key: string): Promise<Sent> {
    return { seq: requireSeq(await this.#copy.sender.retry(key)) }
  }

  /** Takes a failed message out of `messages`. */
  discard(key: string): void {
    this.#copy.sender.discard(key)
  }

  /** Replaces the words of an own message; attachments stay. */
  async edit(seq: Seq, edit: MessageEdit): Promise<Sent> {
    return { seq: requireSeq(await this.#command(editCommand(seq, edit))) }
  }

  /** Deletes an own message, or as an admin anybody's; it stays as a tombstone. */
  async delete(seq: Seq): Promise<Sent> {
    return { seq: requireSeq(await this.#command({ kind: 'delete_message', target: seq })) }
  }

  /** Adds a reaction, or takes it back. */
  async react(seq: Seq, emoji: string, { removed = false } = {}): Promise<void> {
    const command: RequestedCommand = {
      kind: 'react',
      target: seq,
      emoji,
      ...(removed ? { removed } : {}),
    }
    const result = await this.#command(command)
    // Without a seq reactions are only counted, and no event will tell of this one.
    if (result.seq === undefined) this.#copy.timeline.applyOwnReaction(seq, emoji, removed)
  }

  async pin(seq: Seq): Promise<void> {
    await this.#command({ kind: 'pin_message', target: seq })
  }

  async unpin(seq: Seq): Promise<void> {
    await this.#command({ kind: 'unpin_message', target: seq })
  }

  /** Adds any number of people, 50 at a time. */
  async addMembers(userIds: readonly string[]): Promise<void> {
    const ids = requireUserIds(userIds)
    const batches: Promise<CommandResult>[] = []
    for (let start = 0; start < ids.length; start += LIMITS.membersPerCommand) {
      const batch = ids.slice(start, start + LIMITS.membersPerCommand)
      batches.push(this.#command({ kind: 'add_members', userIds: batch }))
    }
    await Promise.all(batches)
  }

  async removeMember(userId: string): Promise<void> {
    await this.#command({ kind: 'remove_member', userId: requireUserId(userId) })
  }

  async leave(): Promise<void> {
    await this.#command({ kind: 'leave_conversation' })
    this.#copy.noteLeft()
  }

  async setRole(userId: string, role: Role): Promise<void> {
    await this.#command({ kind: 'set_role', userId: requireUserId(userId), role })
  }

  /** Changes title, avatar, data or settings; what is left out stays. */
  async update(details: ConversationDetails): Promise<void> {
    await this.#command({ kind: 'update_conversation', ...details })
  }

  /** Deletes it for everybody. */
  async deleteConversation(): Promise<void> {
    await this.#command({ kind: 'delete_conversation' })
  }

  /** Mutes it for the user on all devices until this time; 0 ends it. */
  async mute(untilMs: number): Promise<void> {
    await this.#command({ kind: 'set_member_settings', mutedUntilMs: untilMs })
    this.#copy.noteSettings({ mutedUntilMs: untilMs })
  }

  /** Follows a channel from now on. */
  async follow(): Promise<void> {
    await this.#copy.follow()
  }

  async unfollow(): Promise<void> {
    await this.#copy.unfollow()
  }

  /** Loads a page and merges it into `messages`. */
  history(request: HistoryRequest = {}): Promise<HistoryPage> {
    return this.#copy.history(request)
  }

  /** One message as it is now, whether or not it is loaded; it does not become part of `messages`. */
  message(seq: Seq): Promise<Message | undefined> {
    return this.#copy.readMessage(seq)
  }

  /**
   * The user has read everything up to `seq`. Counts change at once; the server and other devices learn
   * it within a second, or with the next connection.
   */
  markRead(seq: Seq): Promise<void> {
    return this.#mark('read', seq)
  }

  /** This device has received everything up to `seq`. */
  markDelivered(seq: Seq): Promise<void> {
    return this.#mark('delivered', seq)
  }

  /** How far others have read and received (up to 256 members); kept current from then on by `marks` events. */
  marks(): Promise<readonly MemberMarks[]> {
    return this.#copy.loadMarks()
  }

  /** What is known of `marks` so far. */
  get memberMarks(): ReadonlyMap<UserId, MemberMarks> {
    return this.#copy.marks.members
  }

  /** Tells the others what the user is doing. Call it as often as you like; `none` when it ends. */
  typing(activity: Activity = 'typing'): void {
    const { id } = this
    if (id !== undefined) this.#copy.activities.say(id, activity)
  }

  /** A page of members by user id, after `after`; at most 100. */
  async members(request: MembersRequest = {}): Promise<MembersPage> {
    return await this.#copy.members(request)
  }

  /** `chat.upload` into this conversation, also before it exists. */
  upload(
    file: UploadSource,
    options: { readonly onProgress?: (progress: UploadProgress) => void } = {},
  ): Upload {
    return this.#copy.upload(file, options.onProgress)
  }

  async #command(command: RequestedCommand): Promise<CommandResult> {
    return await this.#copy.sender.command(command)
  }

  #mark(kind: MarkKind, seq: Seq): Promise<void> {
    this.#copy.marks.mark(kind, seq)
    return Promise.resolve()
  }
}

function requireSeq(result: CommandResult): Seq {
  if (result.seq !== undefined) return result.seq
  throw new ChatError('internal', 'the answer names no place in the conversation')
}
