import { CLOSE_CODES, ChatError, closeNameOf } from '@satchel/protocol'
import type { ClientSignal, PushFrame, ResultOf, Welcome } from '@satchel/protocol'
import { fullJitterMs } from './back-off.ts'
import type { ConnectionSettings } from './connection-settings.ts'
import type { ClosedReason, ConnectionEvents, ConnectionState } from './connection-state.ts'
import { createDeferred } from './deferred.ts'
import type { Deferred } from './deferred.ts'
import { Emitter } from './emitter.ts'
import type { Unsubscribe } from './emitter.ts'
import { RequestQueue } from './request-queue.ts'
import type { RequestOptions } from './request-queue.ts'
import { retryDelayMs } from './retry-hold.ts'
import { Session } from './session.ts'
import type { AnswerHandlers, UnnumberedRequest } from './session.ts'
import { toChatError } from './to-chat-error.ts'
import { TokenRenewal } from './token-renewal.ts'

const RECONNECT = { baseMs: 500, capMs: 30_000 }
/** From getting a token to `welcome`; a socket that hangs half-open must not hold the client. */
const CONNECT_DEADLINE_MS = 15_000
/** A session that lived this long was a good one: waiting starts small again. */
const STABLE_AFTER_MS = 10_000

/**
 * Keeps one authenticated session with the server: signs in, renews the token, notices silence, and
 * comes back after a loss with exponential back-off and full jitter. Says nothing about what is sent
 * through it: after `lost`, whoever needs an answer asks again when `live` comes.
 */
export class Connection {
  readonly #settings: ConnectionSettings
  readonly #emitter = new Emitter<ConnectionEvents>()
  readonly #requests: RequestQueue
  readonly #renewal: TokenRenewal
  #state: ConnectionState = { status: 'closed', reason: 'not_connected' }
  #firstLive: Deferred<void> | undefined
  #session: Session | undefined
  #cancelTimer: Unsubscribe = () => undefined
  #cancelGoaway: Unsubscribe = () => undefined
  /** Grows with each attempt to connect, so that an abandoned one finds out. */
  #attemptId = 0
  #failures = 0
  #liveSinceMs = 0
  #clockOffsetMs = 0

  constructor(settings: ConnectionSettings) {
    this.#settings = settings
    this.#renewal = new TokenRenewal(settings, (token) => this.#authenticate(token))
    this.#requests = new RequestQueue({
      clock: settings.clock,
      random: settings.random,
      session: () => (this.#state.status === 'live' ? this.#session : undefined),
      renewToken: () => this.#renewal.renewNow(),
    })
  }

  get state(): ConnectionState {
    return this.#state
  }

  get isLive(): boolean {
    return this.#state.status === 'live'
  }

  /** The server's time, as far as `welcome` told. */
  serverNow(): number {
    return this.#settings.clock.now() + this.#clockOffsetMs
  }

  on<Name extends keyof ConnectionEvents>(
    name: Name,
    listener: (value: ConnectionEvents[Name]) => void,
  ): Unsubscribe {
    return this.#emitter.on(name, listener)
  }

  /** Settles with the first session; rejects when the server refuses for good, or after `close`. */
  connect(): Promise<void> {
    if (this.#firstLive === undefined || this.#state.status === 'closed') {
      this.#firstLive = createDeferred()
      this.#failures = 0
      this.#start()
    }
    return this.#firstLive.promise
  }

  /** Tries at once instead of waiting out the back-off, for example because the network came back. */
  reconnectNow(): void {
    if (this.#state.status === 'waiting') this.#start()
  }

  close(): void {
    this.#finish('closed_by_client', new ChatError('unavailable', 'the client was closed'))
  }

  /**
   * Asks for something that may be asked twice; survives reconnects and retryable refusals until its
   * deadline (30 s unless told), then rejects with `unavailable`.
   */
  request<Request extends UnnumberedRequest>(
    request: Request,
    options: RequestOptions = {},
  ): Promise<ResultOf<Request['type']>> {
    if (this.#state.status === 'closed' && this.#state.reason !== 'not_connected') {
      return Promise.reject(new ChatError('unavailable', `closed: ${this.#state.reason}`))
    }
    return this.#requests.add(request, options)
  }

  /** Asks once, through the present session; `false` when there is none. */
  ask<Request extends UnnumberedRequest>(
    request: Request,
    handlers: AnswerHandlers<Request>,
  ): boolean {
    if (this.#session === undefined || !this.isLive) return false
    this.#session.ask(request, handlers)
    return true
  }

  /** `ask` as a promise; rejects without a session, and never settles when the session ends first. */
  askOnce<Request extends UnnumberedRequest>(request: Request): Promise<ResultOf<Request['type']>> {
    return new Promise((resolve, reject) => {
      const isAsked = this.ask(request, { onResult: resolve, onError: reject })
      if (!isAsked) reject(new ChatError('unavailable', 'there is no session'))
    })
  }

  /** Sends what may be lost; without a session it is. */
  signal(frame: ClientSignal): void {
    if (this.isLive) this.#session?.signal(frame)
  }

  /** Asks the integrator for a new token and shows it to the server. */
  renewToken(): void {
    this.#renewal.renewNow()
  }

  #setState(state: ConnectionState): void {
    this.#state = state
    this.#emitter.emit('state', state)
  }

  #start(): void {
    this.#cancelTimer()
    const attemptId = ++this.#attemptId
    this.#cancelTimer = this.#settings.clock.setTimer(CONNECT_DEADLINE_MS, () => {
      const late = this.#session === undefined ? 'getToken' : this.#settings.url
      this.#abandon()
      const message = `no answer from ${late} in ${String(CONNECT_DEADLINE_MS)} ms`
      this.#wait(0, new ChatError('unavailable', message))
    })
    this.#setState({ status: 'connecting' })
    this.#signIn(attemptId).catch((error: unknown) => {
      if (attemptId === this.#attemptId) this.#onRefused(error)
    })
  }

  async #signIn(attemptId: number): Promise<void> {
    const token = await this.#settings.getToken()
    if (attemptId === this.#attemptId) this.#open(token)
  }

  #open(token: string): void {
    const session = new Session(this.#settings, {
      onOpen: () => {
        this.#sayHello(session, token)
      },
      onPush: (frame) => {
        this.#onPush(frame)
      },
      onEnd: (closeCode, error) => {
        if (session === this.#session) this.#onEnd(closeCode, error)
      },
    })
    this.#session = session
  }

  #sayHello(session: Session, token: string): void {
    const { deviceId } = this.#settings
    const heads = this.#settings.listHeads()
    session.ask(
      { type: 'hello', token, deviceId, heads },
      {
        onResult: (welcome) => {
          this.#onWelcome(welcome, token)
        },
        onError: (error) => {
          this.#onRefused(error)
        },
      },
    )
  }

  #onWelcome(welcome: Welcome, token: string): void {
    this.#cancelTimer()
    const nowMs = this.#settings.clock.now()
    this.#liveSinceMs = nowMs
    this.#clockOffsetMs = welcome.serverTimeMs - nowMs
    this.#renewal.schedule(token, welcome.serverTimeMs)
    this.#setState({ status: 'live' })
    // First what waits; whoever hears `live` may add to it.
    this.#requests.resendAll()
    this.#emitter.emit('live', welcome)
    this.#firstLive?.resolve()
  }

  #onPush(frame: PushFrame): void {
    if (frame.type === 'goaway') {
      this.#cancelGoaway()
      this.#cancelGoaway = this.#settings.clock.setTimer(frame.delayMs, () => {
        this.#abandon()
        this.#start()
      })
    }
    this.#emitter.emit('push', frame)
  }

  /** `hello` or `getToken` failed. */
  #onRefused(error: unknown): void {
    if (error instanceof ChatError && isFinal(error)) {
      this.#finish(error.code, error)
      return
    }
    this.#abandon()
    this.#wait(delayAfterRefusal(error), toChatError(error, 'unavailable', 'getToken failed'))
  }

  #onEnd(closeCode: number, error: ChatError): void {
    const name = closeNameOf(closeCode)
    if (name === undefined) {
      this.#abandon()
      this.#wait(0, error)
      return
    }
    const { resumable, meaning, defaultDelayMs } = CLOSE_CODES[name]
    const code = name === 'unauthenticated' ? name : 'unavailable'
    const closed = new ChatError(code, `the server closed the connection: ${meaning}`)
    if (!resumable) {
      this.#finish(name, closed)
      return
    }
    this.#abandon()
    this.#wait(defaultDelayMs, closed)
  }

  /** Lets go of the session, if any, whatever state it is in. */
  #abandon(): void {
    const session = this.#session
    const wasLive = this.isLive
    this.#attemptId++
    this.#session = undefined
    this.#cancelTimer()
    this.#cancelGoaway()
    this.#renewal.stop()
    session?.close()
    if (!wasLive) return
    if (this.#settings.clock.now() - this.#liveSinceMs >= STABLE_AFTER_MS) this.#failures = 0
    // Said by whoever abandons: the next state follows at once.
    this.#state = { status: 'connecting' }
    this.#emitter.emit('lost', undefined)
  }

  #wait(atLeastMs: number, error: ChatError): void {
    const retryInMs = atLeastMs + fullJitterMs(RECONNECT, this.#failures++, this.#settings.random)
    this.#cancelTimer = this.#settings.clock.setTimer(retryInMs, () => {
      this.#start()
    })
    this.#setState({ status: 'waiting', retryInMs, error })
  }

  #finish(reason: ClosedReason, error: ChatError): void {
    this.#abandon()
    this.#setState({ status: 'closed', reason })
    this.#requests.rejectAll(error)
    this.#firstLive?.reject(error)
  }

  async #authenticate(token: string): Promise<number> {
    await this.askOnce({ type: 'auth', token })
    return this.serverNow()
  }
}

/** A fault of the server is final for a request, not for a session: the close that follows asks to come back. */
function isFinal({ code, retryable }: ChatError): boolean {
  return !retryable && code !== 'token_expired' && code !== 'internal'
}

/** How long to wait at least after a `hello` that was refused, or a `getToken` that failed. */
function delayAfterRefusal(error: unknown): number {
  if (!(error instanceof ChatError) || error.code === 'token_expired') return 0
  return error.code === 'internal' ? CLOSE_CODES.internal.defaultDelayMs : retryDelayMs(error)
}
