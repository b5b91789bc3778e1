import type {
  Attachment,
  AttachmentId,
  ConversationEvent,
  ConversationId,
  ErrorCode,
  OutboxId,
  Seq,
  UserId,
} from '@satchel/protocol'
import { encodeBase64url } from '@satchel/protocol'
import { contentHashOf, decide, evolve, factsOf, targetsOf } from '../../src/domain/index.ts'
import type {
  Command,
  CommandContent,
  CommandKey,
  ConversationState,
  DecideContext,
  Decision,
  EventFacts,
  RulesSettings,
} from '../../src/domain/index.ts'

export const SETTINGS: RulesSettings = {
  clientsMayCreateGroups: true,
  historyForNewcomers: false,
  eraseBlanksMessages: true,
}

const FIRST_BYTE = { direct: 0x10, group: 0x20, channel: 0x30 } as const

/** A conversation id that is the same in every run. */
export function idOf(kind: keyof typeof FIRST_BYTE, number = 1): ConversationId {
  const bytes = new Uint8Array(16).fill(number)
  bytes[0] = FIRST_BYTE[kind]
  return encodeBase64url(bytes) as ConversationId
}

export function userOf(name: string): UserId {
  return name as UserId
}

export function usersOf(...names: string[]): UserId[] {
  return names.map(userOf)
}

export function outboxOf(number: number): OutboxId {
  return encodeBase64url(Uint8Array.of(1, 0, number >> 16, number >> 8, number)) as OutboxId
}

export function keyOf(outbox: number, counter: number): CommandKey {
  return { kind: 'outbox', outbox: outboxOf(outbox), counter }
}

export function attachmentIdOf(number: number): AttachmentId {
  return encodeBase64url(new Uint8Array(16).fill(number)) as AttachmentId
}

export function attachmentOf(number: number, more?: Partial<Attachment>): Attachment {
  return {
    id: attachmentIdOf(number),
    version: 1,
    state: 'processing',
    name: `photo-${number}.jpg`,
    sizeBytes: 1_000,
    contentType: 'image/jpeg',
    ...more,
  }
}

export function commandOf(
  conversationId: ConversationId,
  author: string,
  key: CommandKey,
  content: CommandContent,
  more?: Pick<Command, 'to' | 'byServer' | 'refusal'>,
): Command {
  const contentHash = contentHashOf(content)
  return { conversationId, authorId: userOf(author), key, contentHash, content, ...more }
}

export interface AskOptions extends Pick<Command, 'to' | 'byServer' | 'refusal'> {
  readonly key?: CommandKey
  readonly timeMs?: number
  readonly settings?: RulesSettings
}

/** One conversation's life: commands are decided one after another, and everything that follows is kept. */
export class ConversationRun {
  readonly id: ConversationId
  readonly events: ConversationEvent[] = []
  readonly decisions: Decision[] = []
  state: ConversationState | undefined
  timeMs = 1_000
  readonly #facts = new Map<Seq, EventFacts>()
  #counter = 0

  constructor(id: ConversationId, state?: ConversationState, past?: ConversationRun) {
    this.id = id
    this.state = state
    for (const event of past?.events ?? []) this.#keep(event)
  }

  get head() {
    return this.#requireState().head
  }

  get members(): ReadonlyMap<string, { readonly role: string; readonly joinedSeq: Seq }> {
    return this.#requireState().members
  }

  /** All that deciding `command` may see: of older events, only what it names. */
  contextOf(command: Command, timeMs: number, settings = SETTINGS): DecideContext {
    const targets = new Map<Seq, EventFacts>()
    for (const seq of targetsOf(command)) {
      const facts = this.#facts.get(seq)
      if (facts !== undefined) targets.set(seq, facts)
    }
    return { timeMs, settings, targets }
  }

  apply(command: Command, timeMs = this.timeMs, settings = SETTINGS): Decision {
    const decision = decide(this.state, command, this.contextOf(command, timeMs, settings))
    if (decision.rows.length > 0) this.state = evolve(this.state, this.id, decision.rows)
    for (const event of decision.events) this.#keep(event)
    this.decisions.push(decision)
    return decision
  }

  /** Each question under a command id of its own, unless `options` name one. */
  ask(author: string, content: CommandContent, options: AskOptions = {}): Decision {
    const { key = keyOf(1, ++this.#counter), timeMs, settings, ...more } = options
    return this.apply(commandOf(this.id, author, key, content, more), timeMs, settings)
  }

  /** The code of the refusal, `undefined` when it was applied. */
  refusal(author: string, content: CommandContent, options?: AskOptions): ErrorCode | undefined {
    const { answer } = this.ask(author, content, options)
    return answer.kind === 'rejected' ? answer.code : undefined
  }

  say(author: string, text: string): Seq {
    const { answer } = this.ask(author, { kind: 'send_message', text })
    if (answer.kind !== 'applied' || answer.seq === undefined) throw new Error('was not sent')
    return answer.seq
  }

  #keep(event: ConversationEvent): void {
    this.events.push(event)
    this.#facts.set(event.seq, factsOf(event))
  }

  #requireState(): ConversationState {
    if (this.state === undefined) throw new Error('the conversation does not exist')
    return this.state
  }
}

/** A group of `owner` and others. */
export function groupOf(owner: string, ...others: string[]): ConversationRun {
  return openRun('group', owner, others)
}

export function channelOf(owner: string, ...others: string[]): ConversationRun {
  return openRun('channel', owner, others)
}

export function directOf(one: string, other: string): ConversationRun {
  const run = new ConversationRun(idOf('direct'))
  run.ask(one, { kind: 'send_message', text: 'hello' }, { to: userOf(other) })
  return run
}

/** Adds plain members, as many as it takes. */
export function fillTo(run: ConversationRun, owner: string, memberCount: number): void {
  const size = run.members.size
  const names = Array.from({ length: memberCount - size }, (_, index) =>
    userOf(`guest-${size + index}`),
  )
  for (let start = 0; start < names.length; start += 50)
    run.ask(owner, { kind: 'add_members', userIds: names.slice(start, start + 50) })
}

function openRun(
  conversationKind: 'group' | 'channel',
  owner: string,
  others: readonly string[],
): ConversationRun {
  const run = new ConversationRun(idOf(conversationKind))
  run.ask(owner, {
    kind: 'create_conversation',
    conversationKind,
    title: 'Trip',
    memberIds: usersOf(...others),
  })
  return run
}
