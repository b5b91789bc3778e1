import type {
  ConversationEvent,
  ConversationId,
  InboxEntry,
  Mark,
  MemberSettings,
  ResultOf,
  UserId,
} from '@satchel/protocol'
import type { Connection } from './connection.ts'
import { Emitter } from './emitter.ts'
import type { Unsubscribe } from './emitter.ts'
import { applyRead, applyToEntry, mergeEntries } from './inbox-entry.ts'

export interface InboxEvents {
  /** A line was added, moved, changed or removed; told once for changes that come together. */
  change: undefined
}

export interface InboxDeps {
  readonly connection: Connection
  readonly myId: () => UserId | undefined
  /** A line came from the server: the first of its conversation, or a later reading. */
  readonly onEntry: (entry: InboxEntry) => void
  /** The line of this conversation reads differently, or is gone. */
  readonly onChange: (conversationId: ConversationId) => void
}

const PAGE_SIZE = 100
/** How many pages a reconnecting client reads of what moved while it was away. */
const PAGES_AFTER_RECONNECT = 10

/** The user's conversations, newest first, with unread and mention counts kept current. */
export class Inbox {
  readonly #deps: InboxDeps
  readonly #emitter = new Emitter<InboxEvents>()
  readonly #entries = new Map<string, InboxEntry>()
  #view: readonly InboxEntry[] | undefined
  #hasMore = true
  #hasBeenLive = false
  #isChangePending = false

  /** @internal */
  constructor(deps: InboxDeps) {
    this.#deps = deps
  }

  /** Newest first. A new array after each change; lines that did not change stay the same objects. */
  get conversations(): readonly InboxEntry[] {
    return (this.#view ??= [...this.#entries.values()].sort(newestFirst))
  }

  /** There are older conversations than the last line; `loadMore` brings them. */
  get hasMore(): boolean {
    return this.#hasMore
  }

  /** Unread messages of all lines that are not muted. */
  get unread(): number {
    const now = this.#deps.connection.serverNow()
    return this.conversations
      .filter(({ memberSettings }) => (memberSettings?.mutedUntilMs ?? 0) <= now)
      .reduce((sum, { unread }) => sum + unread, 0)
  }

  on<Name extends keyof InboxEvents>(
    name: Name,
    listener: (value: InboxEvents[Name]) => void,
  ): Unsubscribe {
    return this.#emitter.on(name, listener)
  }

  /** The line of one conversation, if it is loaded. */
  get(conversationId: string): InboxEntry | undefined {
    return this.#entries.get(conversationId)
  }

  /** Loads the next older lines; resolves with whether there are still more. */
  async loadMore(): Promise<boolean> {
    const page = await this.#loadPage(this.conversations.at(-1))
    this.#hasMore = page.more
    this.#changed()
    return this.#hasMore
  }

  /** @internal What `welcome` brought: the newest lines that moved. */
  async applyWelcome(entries: readonly InboxEntry[], more: boolean): Promise<void> {
    const isFirst = !this.#hasBeenLive
    this.#hasBeenLive = true
    for (const entry of entries) this.applyEntry(entry)
    if (isFirst) this.#hasMore = more
    this.#changed()
    if (isFirst || !more) return
    // More moved than welcome holds: read on as far as this inbox goes.
    let last = entries.at(-1)
    for (let count = 0; count < PAGES_AFTER_RECONNECT; count++) {
      const oldest = this.conversations.at(-1)
      if (last === undefined || oldest === undefined || newestFirst(last, oldest) >= 0) return
      const page = await this.#loadPage(last)
      if (!page.more) return
      last = page.conversations.at(-1)
    }
  }

  /** @internal */
  applyEntry(entry: InboxEntry): void {
    const known = this.#entries.get(entry.conversationId)
    const merged = known === undefined ? entry : mergeEntries(known, entry)
    if (entry.deleted === true) this.#entries.delete(entry.conversationId)
    else this.#entries.set(entry.conversationId, merged)
    this.#deps.onEntry(merged)
    this.#lineChanged(entry.conversationId)
  }

  /** @internal The next event of a conversation. */
  applyEvent(conversationId: ConversationId, event: ConversationEvent): void {
    const myId = this.#deps.myId()
    this.#replace(conversationId, (entry) => applyToEntry(entry, event, myId))
  }

  /** @internal The user has read up to `read`, on whatever device. */
  applyRead(conversationId: ConversationId, read: Mark, mentions: number): void {
    this.#replace(conversationId, (entry) => applyRead(entry, read, mentions))
  }

  /** @internal */
  applySettings(conversationId: ConversationId, memberSettings: MemberSettings): void {
    this.#replace(conversationId, (entry) => ({ ...entry, memberSettings }))
  }

  /** @internal The user has nothing to do with it any more. */
  remove(conversationId: ConversationId): void {
    if (this.#entries.delete(conversationId)) this.#lineChanged(conversationId)
  }

  /** The lines that follow `last`. */
  async #loadPage(last: InboxEntry | undefined): Promise<ResultOf<'inbox'>> {
    const page = await this.#deps.connection.request({
      type: 'inbox',
      beforeMs: last?.head.timeMs,
      beforeId: last?.conversationId,
      limit: PAGE_SIZE,
    })
    for (const entry of page.conversations) this.applyEntry(entry)
    return page
  }

  #replace(
    conversationId: ConversationId,
    change: (entry: InboxEntry) => InboxEntry | undefined,
  ): void {
    const entry = this.#entries.get(conversationId)
    if (entry === undefined) return
    const changed = change(entry)
    if (changed === entry) return
    if (changed === undefined) this.#entries.delete(conversationId)
    else this.#entries.set(conversationId, changed)
    this.#lineChanged(conversationId)
  }

  #lineChanged(conversationId: ConversationId): void {
    this.#changed()
    this.#deps.onChange(conversationId)
  }

  #changed(): void {
    this.#view = undefined
    if (this.#isChangePending) return
    this.#isChangePending = true
    queueMicrotask(() => {
      this.#isChangePending = false
      this.#emitter.emit('change', undefined)
    })
  }
}

function newestFirst(a: InboxEntry, b: InboxEntry): number {
  if (a.conversationId === b.conversationId) return 0
  return b.head.timeMs - a.head.timeMs || (a.conversationId < b.conversationId ? -1 : 1)
}
