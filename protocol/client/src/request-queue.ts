import { ChatError } from '@satchel/protocol'
import type { ResultOf } from '@satchel/protocol'
import type { Clock } from './clock.ts'
import { createDeferred } from './deferred.ts'
import type { Unsubscribe } from './emitter.ts'
import { retryDelayMs } from './retry-hold.ts'
import type { Session, UnnumberedRequest } from './session.ts'

export interface RequestOptions {
  /** How long to go on asking; `null` for as long as the client is not closed. */
  readonly deadlineMs?: number | null
  readonly signal?: AbortSignal | undefined
}

export interface RequestQueueDeps {
  readonly clock: Clock
  readonly random: () => number
  /** The session to ask through; `undefined` while there is none. */
  readonly session: () => Session | undefined
  readonly renewToken: () => void
}

interface Waiting {
  send(): void
  reject(error: ChatError): void
}

const DEADLINE_MS = 30_000
/** A server that lost a request on the way says nothing: ask again. */
const ANSWER_DEADLINE_MS = 10_000
const WAITING_MAX = 1_000

/** Requests on their way, asked again after every reconnect and every refusal that may pass. */
export class RequestQueue {
  readonly #deps: RequestQueueDeps
  readonly #waiting = new Set<Waiting>()

  constructor(deps: RequestQueueDeps) {
    this.#deps = deps
  }

  add<Request extends UnnumberedRequest>(
    request: Request,
    options: RequestOptions,
  ): Promise<ResultOf<Request['type']>> {
    if (this.#waiting.size >= WAITING_MAX) {
      const message = `more than ${String(WAITING_MAX)} requests wait for an answer`
      return Promise.reject(new ChatError('rate_limited', message, { limit: WAITING_MAX }))
    }
    const waiting = new WaitingRequest(this.#deps, request, () => {
      this.#waiting.delete(waiting)
    })
    this.#waiting.add(waiting)
    waiting.start(options)
    return waiting.answer
  }

  /** A new session: everything that waits is asked again. */
  resendAll(): void {
    for (const waiting of [...this.#waiting]) waiting.send()
  }

  rejectAll(error: ChatError): void {
    for (const waiting of [...this.#waiting]) waiting.reject(error)
  }
}

class WaitingRequest<Request extends UnnumberedRequest> implements Waiting {
  readonly #deps: RequestQueueDeps
  readonly #request: Request
  readonly #onSettled: () => void
  readonly #answer = createDeferred<ResultOf<Request['type']>>()
  #isSettled = false
  #cancelRetry: Unsubscribe = () => undefined
  #cancelDeadline: Unsubscribe = () => undefined
  #stopListening: Unsubscribe = () => undefined

  constructor(deps: RequestQueueDeps, request: Request, onSettled: () => void) {
    this.#deps = deps
    this.#request = request
    this.#onSettled = onSettled
  }

  get answer(): Promise<ResultOf<Request['type']>> {
    return this.#answer.promise
  }

  start({ deadlineMs = DEADLINE_MS, signal }: RequestOptions): void {
    const { type } = this.#request
    if (deadlineMs !== null) {
      this.#cancelDeadline = this.#deps.clock.setTimer(deadlineMs, () => {
        this.reject(new ChatError('unavailable', `${type}: no answer in ${String(deadlineMs)} ms`))
      })
    }
    const onAbort = (): void => {
      this.reject(new ChatError('unavailable', `${type} was given up`, { cause: signal?.reason }))
    }
    signal?.addEventListener('abort', onAbort, { once: true })
    this.#stopListening = () => signal?.removeEventListener('abort', onAbort)
    if (signal?.aborted === true) onAbort()
    else this.send()
  }

  send(): void {
    const session = this.#deps.session()
    if (session === undefined) return
    this.#sendIn(ANSWER_DEADLINE_MS)
    session.ask(this.#request, {
      onResult: (value) => {
        this.#settle()
        this.#answer.resolve(value)
      },
      onError: (error) => {
        this.#onError(error)
      },
    })
  }

  reject(error: ChatError): void {
    this.#settle()
    this.#answer.reject(error)
  }

  #onError(error: ChatError): void {
    if (this.#isSettled) return
    if (error.code === 'token_expired') this.#deps.renewToken()
    else if (!error.retryable || error.code === 'quota_exceeded') {
      this.reject(error)
      return
    }
    this.#sendIn(retryDelayMs(error) * (1 + this.#deps.random() / 2))
  }

  #sendIn(delayMs: number): void {
    this.#cancelRetry()
    this.#cancelRetry = this.#deps.clock.setTimer(delayMs, () => {
      this.send()
    })
  }

  #settle(): void {
    this.#isSettled = true
    this.#cancelRetry()
    this.#cancelDeadline()
    this.#stopListening()
    this.#onSettled()
  }
}
