import { ChatError } from '@satchel/protocol'
import {
  BrokenCircuitError,
  BulkheadRejectedError,
  CircuitState,
  ExponentialBackoff,
  SamplingBreaker,
  bulkhead,
  circuitBreaker,
  handleWhen,
  retry,
  wrap,
  type IPolicy,
} from 'cockatiel'
import type { MonotonicClock } from '../runtime/monotonic-clock.ts'
import { RetryBudget } from './retry-budget.ts'
import type { BreakerState, ServerName, ServerTelemetry } from './server-telemetry.ts'

export interface ServerPolicyOptions {
  readonly server: ServerName
  /** Without credentials; for the log. */
  readonly address: string
  readonly telemetry: ServerTelemetry
  readonly clock: MonotonicClock
  /** Calls on their way at most. */
  readonly atOnce: number
  /** Calls that may wait for their turn; more are refused. */
  readonly waiting: number
  /** Whether an error says that the server is out of reach or overloaded, rather than that it was asked nonsense. */
  readonly isTransient: (error: unknown) => boolean
  /** For telemetry: one of few. */
  readonly codeOf: (error: unknown) => string
}

const MAX_RETRIES = 2
const RETRY_DELAY_MS = { initialDelay: 20, maxDelay: 250 } as const
/** Opens when more than half of the calls of two seconds failed, and tries again one second later. */
const BREAKER = { threshold: 0.5, duration: 2_000, minimumRps: 5 } as const
const HALF_OPEN_AFTER_MS = 1_000

/**
 * What stands around every call to a server: so many at once, none while it is known to be out of reach,
 * and a few retries as long as failures are rare. What a call fails with is a `ChatError`: its own, if it
 * threw one.
 */
export class ServerPolicy {
  readonly #options: ServerPolicyOptions
  readonly #budget = new RetryBudget()
  readonly #once: IPolicy
  readonly #retried: IPolicy
  /** What calls failed with lately, when it was the server. */
  #cause: unknown

  constructor(options: ServerPolicyOptions) {
    const { server, address, telemetry, isTransient } = options
    this.#options = options
    const counts = (error: unknown): boolean => {
      const does = isTransient(error)
      if (does) this.#cause = error
      return does
    }
    const breaker = circuitBreaker(handleWhen(counts), {
      breaker: new SamplingBreaker(BREAKER),
      halfOpenAfter: HALF_OPEN_AFTER_MS,
    })
    breaker.onStateChange((state) => {
      telemetry.breaker(server, breakerState(state), { address, cause: this.#cause })
    })
    this.#once = wrap(breaker, bulkhead(options.atOnce, options.waiting))
    this.#retried = wrap(
      retry(
        handleWhen((error) => isTransient(error) && this.#budget.take()),
        { maxAttempts: MAX_RETRIES, backoff: new ExponentialBackoff(RETRY_DELAY_MS) },
      ),
      this.#once,
    )
  }

  /** For what may be done twice: repeated after a transient failure, while the budget lasts. */
  callRepeatable<Result>(call: () => Promise<Result>): Promise<Result> {
    return this.#run(this.#retried, call)
  }

  /** For what must not be repeated without looking. */
  callOnce<Result>(call: () => Promise<Result>): Promise<Result> {
    return this.#run(this.#once, call)
  }

  async #run<Result>(policy: IPolicy, call: () => Promise<Result>): Promise<Result> {
    const { server, telemetry, clock } = this.#options
    const startedMs = clock.elapsedMs()
    try {
      const result = await policy.execute(call)
      this.#budget.earn()
      telemetry.called(server, clock.elapsedMs() - startedMs)
      return result
    } catch (error) {
      throw this.#failure(error)
    }
  }

  #failure(cause: unknown): ChatError {
    const { server, telemetry, isTransient, codeOf } = this.#options
    if (cause instanceof BrokenCircuitError) {
      telemetry.failed(server, 'breaker_open')
      return new ChatError('unavailable', `${server} is out of reach at the moment`, { cause })
    }
    if (cause instanceof BulkheadRejectedError) {
      telemetry.failed(server, 'too_many_calls')
      return new ChatError('unavailable', `too many calls to ${server} are waiting`, { cause })
    }
    if (cause instanceof ChatError) {
      telemetry.failed(server, cause.code)
      return cause
    }
    telemetry.failed(server, codeOf(cause))
    if (isTransient(cause))
      return new ChatError('unavailable', `${server} did not answer as it should`, { cause })
    return new ChatError('internal', `${server} refused what it was asked`, { cause })
  }
}

function breakerState(state: CircuitState): BreakerState {
  switch (state) {
    case CircuitState.Closed:
      return 'closed'
    case CircuitState.HalfOpen:
      return 'half_open'
    case CircuitState.Open:
    case CircuitState.Isolated:
      return 'open'
    default:
      return state satisfies never
  }
}
