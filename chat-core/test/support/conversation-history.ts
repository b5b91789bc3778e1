import {
  newConversationId,
  type Attachment,
  type ConversationEvent,
  type ConversationId,
  type ConversationKind,
  type EventContent,
  type UserId,
} from '@satchel/protocol'
import type { ConversationRow, HeadRow } from '../../src/domain/conversation-state.ts'
import type { LogPosition } from '../../src/ports/command-log.ts'
import type { ConversationCommit, ConversationStore } from '../../src/ports/conversation-store.ts'

/** What a commit of a history holds besides the events and what follows from them. */
export type CommitExtras = Partial<Omit<ConversationCommit, 'conversationId' | 'events'>>

/** A conversation as its owner would write it: numbers, positions and the head follow from the events. */
export class ConversationHistory {
  readonly id: ConversationId
  readonly creatorId: UserId
  readonly #store: ConversationStore
  readonly #kind: ConversationKind
  #seq = 0
  #ordinal = 0
  #record = 0

  constructor(
    store: ConversationStore,
    creatorId: UserId,
    kind: Exclude<ConversationKind, 'direct'> = 'group',
  ) {
    this.#store = store
    this.id = newConversationId(kind)
    this.creatorId = creatorId
    this.#kind = kind
  }

  get lastSeq(): number {
    return this.#seq
  }

  get head(): HeadRow {
    return {
      seq: this.#seq,
      ordinal: this.#ordinal,
      timeMs: 1_000 + this.#seq,
      createdMs: 1_000,
      kind: this.#kind,
      creatorId: this.creatorId,
      membershipSeq: 1,
      memberCount: 1,
      fanout: 'small',
      deleted: false,
    }
  }

  /** The next commit, which may then be committed or not. */
  next(
    contents: readonly { readonly authorId: UserId; readonly content: EventContent }[],
    extras: CommitExtras = {},
  ): ConversationCommit {
    const events = contents.map(({ authorId, content }): ConversationEvent => {
      this.#seq++
      if (content.kind === 'message_sent') this.#ordinal++
      return {
        seq: this.#seq,
        ordinal: this.#ordinal,
        timeMs: 1_000 + this.#seq,
        authorId,
        content: withVersion(content, this.#seq),
      }
    })
    const rows: ConversationRow[] = [{ row: 'head', value: this.head }, ...(extras.rows ?? [])]
    const lists = { parts: [], reactions: [], mentions: [], inbox: [], marks: [], jobs: [] }
    return {
      ...lists,
      position: this.nextPosition(),
      ...extras,
      conversationId: this.id,
      events,
      rows,
    }
  }

  nextPosition(): LogPosition {
    return { generation: 1, record: ++this.#record, index: 0 }
  }

  async commit(
    contents: readonly { readonly authorId: UserId; readonly content: EventContent }[],
    extras: CommitExtras = {},
  ): Promise<ConversationCommit> {
    const commit = this.next(contents, extras)
    await this.#store.commit(commit)
    return commit
  }

  /** Sends one message after another, each in a commit of its own. */
  async send(authorId: UserId, ...texts: readonly string[]): Promise<void> {
    for (const text of texts) await this.commit([{ authorId, content: message(text) }])
  }
}

/** A message whose version its history fills in. */
export function message(text: string, attachments?: readonly Attachment[]): EventContent {
  return {
    kind: 'message_sent',
    body: { version: 1, text },
    ...(attachments !== undefined && { attachments }),
  }
}

export function attachmentIn(
  state: Attachment['state'],
  { id, version }: { readonly id: Attachment['id']; readonly version: number },
): Attachment {
  return { id, version, state, name: `${state}.jpg`, sizeBytes: 10, contentType: 'image/jpeg' }
}

function withVersion(content: EventContent, seq: number): EventContent {
  return content.kind === 'message_sent'
    ? { ...content, body: { ...content.body, version: seq } }
    : content
}
