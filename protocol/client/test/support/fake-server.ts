import {
  ChatError,
  LIMITS,
  chooseForm,
  createServerCodec,
  formatResult,
  newSessionId,
  parseUserId,
} from '@satchel/protocol'
import type {
  ClientFrame,
  ConversationEvent,
  ConversationId,
  PushFrame,
  RequestFrame,
  RequestFrameOf,
  RequestName,
  ResultOf,
  ServerCodec,
  UserId,
  WireForm,
} from '@satchel/protocol'
import { FakeConversation, forReader } from './fake-conversation.ts'
import type { FakeNetwork, ServerEnd } from './fake-network.ts'
import type { ManualClock } from './manual-clock.ts'
import { directIdOf, readFor } from './fake-reads.ts'
import { FakeUploads } from './fake-uploads.ts'

/** What a test may do to a command before the far end looks at it. */
export type Verdict =
  | { readonly kind: 'apply' }
  | { readonly kind: 'refuse'; readonly error: ChatError }
  /** Apply it, say `accepted`, and nothing more. */
  | { readonly kind: 'accept' }
  /** Apply it and lose the answer. */
  | { readonly kind: 'lose' }

export interface FakeSession {
  readonly end: ServerEnd
  readonly form: WireForm
  readonly codec: ServerCodec
  userId: UserId | undefined
  /** Conversations in which everything is refused until a command flagged `restart`. */
  readonly stalled: Set<string>
}

/** The far end: an in-memory conversation server that speaks the real protocol. */
export class FakeServer {
  readonly conversations = new Map<ConversationId, FakeConversation>()
  readonly uploads: FakeUploads
  areLinksAway = false
  readonly sessions = new Set<FakeSession>()
  /** Every frame that arrived, in order. */
  readonly received: ClientFrame[] = []
  /** More events behind than this: `gap_too_large`. */
  replayEvents: number = LIMITS.replayEvents
  judge: (frame: RequestFrameOf<'command'>) => Verdict = () => ({ kind: 'apply' })
  /** What becomes of a live event on its way to one session. */
  onLive: (event: ConversationEvent, send: () => void) => void = (_, send) => {
    send()
  }
  /** Tokens that are refused, and how. */
  checkToken: (token: string) => ChatError | undefined = () => undefined
  /** Answers a request before the far end does. */
  onRequest: (frame: RequestFrame) => ChatError | undefined = () => undefined
  readonly #clock: ManualClock

  constructor(network: FakeNetwork, clock: ManualClock) {
    this.#clock = clock
    this.uploads = new FakeUploads(clock)
    network.accept = (end) => {
      this.#accept(end)
    }
  }

  /** Requests and signals of one kind that arrived. */
  framesOf<Type extends ClientFrame['type']>(
    type: Type,
  ): Extract<ClientFrame, { readonly type: Type }>[] {
    return this.received.filter(
      (frame): frame is Extract<ClientFrame, { readonly type: Type }> => frame.type === type,
    )
  }

  conversation(id: ConversationId): FakeConversation {
    const known = this.conversations.get(id)
    if (known !== undefined) return known
    const created = new FakeConversation(id, () => this.now(), this.uploads.describe)
    this.conversations.set(id, created)
    return created
  }

  /** The server's time. */
  now(): number {
    return this.#clock.now()
  }

  /** Something happens in a conversation, by whomever. */
  append(id: ConversationId, author: string, text: string): ConversationEvent {
    const body = { version: 1, text }
    const content = { kind: 'message_sent', body } as const
    const event = this.conversation(id).append(requireUser(author), content)
    this.announce(id, event)
    return event
  }

  announce(id: ConversationId, event: ConversationEvent): void {
    for (const session of this.sessions) {
      const { userId } = session
      if (userId === undefined || !this.conversation(id).members.has(userId)) continue
      this.onLive(event, () => {
        this.push(session, {
          type: 'event',
          conversationId: id,
          event: forReader(event, userId),
        })
      })
    }
  }

  pushAll(frame: PushFrame): void {
    for (const session of this.sessions) this.push(session, frame)
  }

  push(session: FakeSession, frame: PushFrame): void {
    session.end.send(session.codec.encode(frame))
  }

  #accept(end: ServerEnd): void {
    const form = chooseForm([end.protocol]) ?? 'msgpack'
    const codec = createServerCodec(form)
    const session: FakeSession = { end, form, codec, userId: undefined, stalled: new Set() }
    this.sessions.add(session)
    end.onMessage = (bytes) => {
      for (const frame of codec.decode(bytes)) {
        if (frame.type === 'unreadable') throw frame.error
        this.received.push(frame)
        if ('requestId' in frame) this.#answer(session, frame)
        else this.#onSignal(session, frame)
      }
    }
    end.onClose = () => {
      this.sessions.delete(session)
    }
  }

  #answer(session: FakeSession, frame: RequestFrame): void {
    try {
      const refusal = this.onRequest(frame)
      if (refusal !== undefined) throw refusal
      this.#handle(session, frame)
    } catch (error) {
      if (!(error instanceof ChatError)) throw error
      this.#refuse(session, frame.requestId, error)
    }
  }

  #handle(session: FakeSession, frame: RequestFrame): void {
    if (frame.type === 'hello') {
      this.#hello(session, frame)
      return
    }
    const me = session.userId
    if (me === undefined) throw new ChatError('unauthenticated', 'say hello first')
    if (frame.type === 'command') {
      this.#command(session, me, frame)
      return
    }
    if (frame.type === 'catch_up') {
      this.#result(session, frame, {})
      this.#replay(session, me, frame.conversationId, frame.seq)
      return
    }
    if (frame.type === 'auth') {
      const refusal = this.checkToken(frame.token)
      if (refusal !== undefined) throw refusal
    }
    const value = readFor(this, me, frame, session.form)
    session.end.send(session.codec.encode({ type: 'result', requestId: frame.requestId, value }))
  }

  #hello(session: FakeSession, frame: RequestFrameOf<'hello'>): void {
    const refusal = this.checkToken(frame.token)
    if (refusal !== undefined) throw refusal
    const me = requireUser(frame.token.split('.')[0] ?? '')
    session.userId = me
    const told = new Map(frame.heads?.map(({ conversationId, seq }) => [conversationId, seq]))
    const mine = [...this.conversations.values()].filter(({ members }) => members.has(me))
    const moved = mine
      .filter(({ id, seq }) => told.get(id) !== seq)
      .sort((a, b) => b.head.timeMs - a.head.timeMs || (a.id < b.id ? -1 : 1))
    this.#result(session, frame, {
      sessionId: newSessionId(),
      user: { id: me, name: me.toUpperCase() },
      serverTimeMs: this.now(),
      maxMessageBytes: LIMITS.maxMessageBytes,
      upload: { maxBytes: 50_000_000, singlePutBytes: 4, partBytes: 4, maxPending: 10 },
      conversations: moved.slice(0, 100).map((conversation) => conversation.entryFor(me)),
      more: moved.length > 100,
      gone: [...told.keys()].filter((id) => !mine.some((conversation) => conversation.id === id)),
    })
    for (const { id } of moved) {
      const seq = told.get(id)
      if (seq !== undefined) this.#replay(session, me, id, seq)
    }
    this.push(session, { type: 'caught_up' })
  }

  #replay(session: FakeSession, me: UserId, conversationId: ConversationId, seq: number): void {
    const conversation = this.conversation(conversationId)
    if (conversation.seq - seq > this.replayEvents) {
      this.push(session, { type: 'gap_too_large', conversationId, head: conversation.head })
      return
    }
    for (const event of conversation.readEvents(seq + 1, conversation.seq, me)) {
      this.push(session, { type: 'event', conversationId, event })
    }
    this.push(session, { type: 'replayed', conversationId, seq: conversation.seq })
  }

  #command(session: FakeSession, me: UserId, frame: RequestFrameOf<'command'>): void {
    const id = frame.conversationId ?? this.#direct(me, frame.to)
    if (frame.restart === true) session.stalled.delete(id)
    if (session.stalled.has(id)) {
      throw new ChatError('restart_required', 'an earlier command was refused')
    }
    const verdict = this.judge(frame)
    if (verdict.kind === 'refuse') {
      if (verdict.error.retryable) session.stalled.add(id)
      throw verdict.error
    }
    const conversation = this.conversation(id)
    const before = conversation.seq
    const result = conversation.submit(me, frame.commandId, frame.command)
    for (const event of conversation.events.slice(before)) this.announce(id, event)
    if (verdict.kind === 'apply') this.#result(session, frame, result)
    if (verdict.kind === 'accept') {
      const { requestId } = frame
      session.end.send(session.codec.encode({ type: 'accepted', requestId }))
    }
  }

  /** As the real server: the id is computed from both people, the first command makes the conversation. */
  #direct(me: UserId, peer: UserId | undefined): ConversationId {
    const id = directIdOf(me, peer ?? me)
    const conversation = this.conversation(id)
    if (conversation.seq === 0) {
      const memberIds = [me, peer ?? me]
      for (const member of memberIds) conversation.members.add(member)
      const content = {
        kind: 'conversation_created',
        conversationKind: 'direct',
        memberIds,
      } as const
      this.announce(id, conversation.append(me, content))
    }
    return id
  }

  #onSignal(session: FakeSession, frame: ClientFrame): void {
    const { userId } = session
    if (frame.type === 'mark' && userId !== undefined && frame.mark === 'read') {
      this.conversation(frame.conversationId).read.set(userId, frame.seq)
    }
  }

  #result<Name extends RequestName>(
    session: FakeSession,
    { type, requestId }: { readonly type: Name; readonly requestId: number },
    result: ResultOf<Name>,
  ): void {
    const value = formatResult(type, result, session.form)
    session.end.send(session.codec.encode({ type: 'result', requestId, value }))
  }

  #refuse(session: FakeSession, requestId: number, error: ChatError): void {
    const { code, message, details } = error
    session.end.send(session.codec.encode({ type: 'error', requestId, code, message, details }))
  }
}

function requireUser(text: string): UserId {
  const userId = parseUserId(text)
  if (userId === undefined) throw new TypeError(`"${text}" is no user id`)
  return userId
}
