import {
  ChatError,
  type ClientFrame,
  type ClientSignal,
  type RequestFrame,
  type RequestFrameOf,
  type UnreadableFrame,
} from '@satchel/protocol'
import type { MonotonicClock } from '@satchel/chat-core/runtime'
import { chatErrorOf } from '../chat-error-of.ts'
import type { GatewayTelemetry } from '../gateway-telemetry.ts'
import { SESSION_RULES } from '../limits/session-rules.ts'
import type { UserTotals } from '../limits/user-totals.ts'
import type { Connection } from './connection.ts'
import type { Greeter } from './greeter.ts'
import type { HandledRequest, RequestHandlers } from './requests/request-handlers.ts'
import type { Session } from './session.ts'
import type { ServerCodecs } from './shared-frame.ts'

export interface FrameDispatcherDeps {
  readonly codecs: ServerCodecs
  readonly greeter: Greeter
  readonly requests: RequestHandlers
  readonly takeSignal: (session: Session, signal: ClientSignal) => void
  readonly time: MonotonicClock
  readonly telemetry: GatewayTelemetry
  readonly enforceLimits: boolean
  readonly socketRequestTotals: Pick<UserTotals, 'take'>
  /** True once requests are no longer taken. */
  readonly isClosing: () => boolean
}

/**
 * Their answers are large, or each looks many things up: one is on its way to the socket before the next is read.
 */
const PAGED: ReadonlySet<HandledRequest> = new Set([
  'history',
  'inbox',
  'members',
  'people',
  'users',
  'links',
  'watch_presence',
])

/** Takes WebSocket messages apart and gives each frame to whoever answers it. */
export class FrameDispatcher {
  readonly #deps: FrameDispatcherDeps

  constructor(deps: FrameDispatcherDeps) {
    this.#deps = deps
  }

  /** One WebSocket message. Its bytes are not kept. */
  take(connection: Connection, message: Uint8Array): void {
    for (const frame of this.#decode(connection, message)) {
      if (connection.isClosed) return
      this.#takeFrame(connection, frame)
    }
  }

  #decode(connection: Connection, message: Uint8Array): readonly (ClientFrame | UnreadableFrame)[] {
    try {
      return this.#deps.codecs[connection.form].decode(message)
    } catch (error) {
      const refusal = chatErrorOf(this.#deps.telemetry, 'decode', error)
      this.#deps.telemetry.frameRefused(refusal.code)
      if (refusal.code === 'internal') connection.close('internal')
      else connection.close('bad_frame', refusal.message)
      return []
    }
  }

  #takeFrame(connection: Connection, frame: ClientFrame | UnreadableFrame): void {
    if (frame.type === 'unreadable') {
      this.#deps.telemetry.frameRefused(frame.error.code)
      if (frame.requestId !== undefined) connection.refuse(frame.requestId, frame.error)
      return
    }
    if (frame.type === 'hello') {
      this.#hello(connection, frame)
      return
    }
    const { session } = connection
    if (connection.isGreeting || (session !== undefined && !session.isWelcome)) {
      hold(connection, frame)
    } else if (session === undefined) {
      const error = new ChatError('unauthenticated', 'the first frame is hello')
      if ('requestId' in frame) connection.refuse(frame.requestId, error)
    } else this.#dispatch(session, frame)
  }

  #hello(connection: Connection, frame: Extract<RequestFrame, { readonly type: 'hello' }>): void {
    if (connection.session !== undefined || connection.isGreeting) {
      connection.refuse(frame.requestId, new ChatError('bad_request', 'hello was said already'))
      return
    }
    connection.isGreeting = true
    void this.#deps.greeter.greet(connection, frame).then((isWelcome) => {
      connection.isGreeting = false
      const held = connection.held ?? []
      connection.held = undefined
      const { session } = connection
      if (!isWelcome || session === undefined) return
      for (const one of held) this.#dispatch(session, one)
    })
  }

  #dispatch(session: Session, frame: ClientFrame): void {
    switch (frame.type) {
      case 'mark':
      case 'activity':
      case 'upload_progress':
        if (this.#mayTell(session)) this.#deps.takeSignal(session, frame)
        return
      case 'pong':
        this.#deps.takeSignal(session, frame)
        return
      case 'hello':
        return
      default:
        void this.#answer(session, frame.type, frame.requestId, frame)
    }
  }

  #mayTell({ signals }: Session): boolean {
    const { enforceLimits, time } = this.#deps
    return !enforceLimits || signals.take(SESSION_RULES.signals, time.elapsedMs())
  }

  /** Runs up to the handler's first wait before it returns: commands keep the order of their frames. */
  async #answer<Name extends HandledRequest>(
    session: Session,
    name: Name,
    requestId: number,
    frame: RequestFrameOf<Name>,
  ): Promise<void> {
    const { requests, time, telemetry } = this.#deps
    const { connection } = session
    const startedMs = time.elapsedMs()
    session.pending++
    try {
      this.#admit(session, name)
      // Without another function around it: every command comes this way.
      if (!PAGED.has(name)) connection.answer(requestId, name, await requests[name](session, frame))
      else await this.#answerInTurn(session, name, requestId, frame)
      telemetry.requestAnswered(name, time.elapsedMs() - startedMs)
    } catch (error) {
      const refusal = chatErrorOf(telemetry, name, error)
      telemetry.requestRefused(name, refusal.code)
      connection.refuse(requestId, refusal)
    } finally {
      session.pending--
    }
  }

  #answerInTurn<Name extends HandledRequest>(
    session: Session,
    name: Name,
    requestId: number,
    frame: RequestFrameOf<Name>,
  ): Promise<void> {
    return session.pages.use(async () => {
      const result = await this.#deps.requests[name](session, frame)
      session.connection.answer(requestId, name, result)
    })
  }

  #admit(session: Session, name: HandledRequest): void {
    if (this.#deps.isClosing()) throw new ChatError('draining', 'the server is going away')
    if (name === 'command') return
    if (session.pending > SESSION_RULES.maxPending) {
      throw new ChatError('rate_limited', 'too many requests are waiting for their answer', {
        limit: SESSION_RULES.maxPending,
        remaining: 0,
        retryAfterMs: 1_000,
      })
    }
    if (!this.#deps.enforceLimits) return
    const rule = SESSION_RULES.requests
    if (!session.requests.take(rule, this.#deps.time.elapsedMs()))
      throw session.requests.refusal(rule, 'requests of one session')
    const refusal = this.#deps.socketRequestTotals.take(session.userId)
    if (refusal !== undefined) throw refusal
  }
}

/**
 * What a client sends behind its `hello` without waiting is answered after it, in order. Were a frame left
 * out, what follows it after the welcome could pass it: so there is an end to it instead.
 */
function hold(connection: Connection, frame: ClientFrame): void {
  connection.held ??= []
  if (connection.held.length < SESSION_RULES.maxHeld) connection.held.push(frame)
  else connection.close('rate_limited')
}
