import { ChatError, ERROR_CODES } from '@satchel/protocol'
import type { ResultOf } from '@satchel/protocol'
import type { Clock } from './clock.ts'
import { createDeferred } from './deferred.ts'
import type { Unsubscribe } from './emitter.ts'
import type { Session, UnnumberedRequest } from './session.ts'

export interface RequestOptions {
  /** How long to go on asking; `null` for as long as the client is not closed. */
  readonly deadlineMs?: number | null
  readonly signal?: AbortSignal | undefined
}

export interface RequestQueueDependencies {
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
const DEFAULT_RETRY_MS = 500
/** A server that lost a request on the way says nothing: ask again. */
const ANSWER_DEADLINE_MS = 10_000
const WAITING_MAX = 1_000

/** Requests on their way, asked again after every reconnect and every refusal that may pass. */
export class RequestQueue {
  readonly #dependencies: RequestQueueDependencies
  readonly #waiting = new Set<Waiting>()

  constructor(dependencies: RequestQueueDependencies) {
    this.#dependencies = dependencies
  }

  add<Request extends UnnumberedRequest>(
    request: Request,
    { deadlineMs = DEADLINE_MS, signal }: RequestOptions,
  ): Promise<ResultOf<Request['type']>> {
    if (this.#waiting.size >= WAITING_MAX) {
      const limit = `${String(WAITING_MAX)} requests`
      return Promise.reject(
        new ChatError('rate_limited', `more than ${limit} wait for an answer`, {
          limit: WAITING_MAX,
        }),
      )
    }
    const { clock } = this.#dependencies
    const answer = createDeferred<ResultOf<Request['type']>>()
    let cancelRetry: Unsubscribe = () => undefined
    let cancelDeadline: Unsubscribe = () => undefined
    const leave = (): void => {
      cancelRetry()
      cancelDeadline()
      signal?.removeEventListener('abort', onAbort)
      this.#waiting.delete(waiting)
    }
    const reject = (error: ChatError): void => {
      leave()
      answer.reject(error)
    }
    const onAbort = (): void => {
      reject(
        new ChatError('unavailable', `${request.type} was given up`, { cause: signal?.reason }),
      )
    }
    const retryIn = (delayMs: number): void => {
      cancelRetry()
      cancelRetry = clock.setTimer(delayMs, send)
    }
    const send = (): void => {
      const session = this.#dependencies.session()
      if (session === undefined) return
      retryIn(ANSWER_DEADLINE_MS)
      session.ask(request, {
        onResult: (value) => {
          leave()
          answer.resolve(value)
        },
        onError: (error) => {
          const delayMs = this.#retryDelayMs(error)
          if (delayMs === undefined) reject(error)
          else if (this.#waiting.has(waiting)) retryIn(delayMs)
        },
      })
    }
    const waiting: Waiting = { send, reject }
    this.#waiting.add(waiting)
    if (deadlineMs !== null) {
      cancelDeadline = clock.setTimer(deadlineMs, () => {
        reject(
          new ChatError('unavailable', `${request.type}: no answer in ${String(deadlineMs)} ms`),
        )
      })
    }
    if (signal?.aborted === true) onAbort()
    else {
      signal?.addEventListener('abort', onAbort, { once: true })
      send()
    }
    return answer.promise
  }

  /** A new session: everything that waits is asked again. */
  resendAll(): void {
    for (const waiting of [...this.#waiting]) waiting.send()
  }

  rejectAll(error: ChatError): void {
    for (const waiting of [...this.#waiting]) waiting.reject(error)
  }

  #retryDelayMs(error: ChatError): number | undefined {
    if (error.code === 'token_expired') {
      this.#dependencies.renewToken()
      return DEFAULT_RETRY_MS
    }
    if (!error.retryable || error.code === 'quota_exceeded') return undefined
    const entry = ERROR_CODES[error.code]
    const defaultMs = 'defaultDelayMs' in entry ? entry.defaultDelayMs : DEFAULT_RETRY_MS
    const delayMs = error.details.retryAfterMs ?? defaultMs
    return delayMs * (1 + this.#dependencies.random() / 2)
  }
}
