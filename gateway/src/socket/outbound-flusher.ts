import type { Tally, Timers } from '@satchel/chat-core/runtime'

/** What gathers frames for one socket. */
export interface FlushedQueue {
  /** Hands over what gathered. */
  flush(): void
  /** The interval for which it was held is over. */
  release(): void
  /** Looks whether it has been lagging for too long. */
  checkLag(nowMs: number): void
}

/** Where the steps of the ladder are, in bytes that wait for one socket. */
export interface OutboundSteps {
  /** From here on signals are dropped. */
  readonly signalsStopBytes: number
  /** From here on live events stop: the session is lagging. */
  readonly lagBytes: number
  /** From here on the socket is closed. */
  readonly closeBytes: number
  /** A session that lags for this long is closed. */
  readonly lagTimeoutMs: number
}

export const OUTBOUND_STEPS: OutboundSteps = {
  signalsStopBytes: 64 * 1024,
  lagBytes: 256 * 1024,
  closeBytes: 1024 * 1024,
  lagTimeoutMs: 10_000,
}

export interface OutboundFlusherOptions {
  readonly steps: OutboundSteps
  /** Bytes that may wait in the whole process. */
  readonly budgetBytes: number
  /** How long events gather for a busy socket; 0: as long as for any other, a turn. */
  readonly busyIntervalMs: number
  readonly timers: Timers
  /** Counts the bytes that sockets were given. */
  readonly sent: Tally
}

/** A millisecond's work, where a write takes 10 µs. */
const RELEASED_AT_ONCE = 100

/** Under pressure the steps go down to this part of their height. */
const LOWEST_SCALE = 1 / 16

/**
 * Writes out what was gathered for each socket, once per turn of the event loop or, where a socket is busy,
 * once per interval; and keeps the process-wide budget: from half of it on, every socket may hold less.
 */
export class OutboundFlusher {
  readonly lagging = new Set<FlushedQueue>()
  /** Bytes that sockets were given. */
  readonly sent: Tally
  /** Where frames of one turn are put together; a WebSocket copies what it is given. */
  readonly scratch = new Uint8Array(64 * 1024)
  readonly #full: OutboundSteps
  readonly #budgetBytes: number
  readonly #busyIntervalMs: number
  readonly #timers: Timers
  #steps: OutboundSteps
  #waitingBytes = 0
  // Reused from turn to turn: a delivery allocates nothing here.
  #dirty: FlushedQueue[] = []
  #spare: FlushedQueue[] = []
  #isScheduled = false
  #held: FlushedQueue[] = []

  constructor(options: OutboundFlusherOptions) {
    this.sent = options.sent
    this.#full = options.steps
    this.#steps = options.steps
    this.#budgetBytes = options.budgetBytes
    this.#busyIntervalMs = options.busyIntervalMs
    this.#timers = options.timers
  }

  /** By a clock that only goes forward. */
  get nowMs(): number {
    return this.#timers.elapsedMs()
  }

  /** Whether anything is ever held. */
  get holds(): boolean {
    return this.#busyIntervalMs > 0
  }

  get steps(): OutboundSteps {
    return this.#steps
  }

  /** Bytes the kernel did not take yet, of all sockets together. */
  get waitingBytes(): number {
    return this.#waitingBytes
  }

  /** Sockets that wait for the end of the interval. */
  get heldCount(): number {
    return this.#held.length
  }

  schedule(queue: FlushedQueue): void {
    this.#dirty.push(queue)
    if (this.#isScheduled) return
    this.#isScheduled = true
    setImmediate(this.#flushAll)
  }

  /** Until the interval is over that begins with the first that is held. Not again before it is released. */
  hold(queue: FlushedQueue): void {
    if (this.#held.push(queue) === 1)
      this.#timers.after(this.#busyIntervalMs, () => {
        const held = this.#held
        this.#held = []
        this.#release(held, 0)
      })
  }

  /** A socket's waiting bytes changed by `difference`. */
  account(difference: number): void {
    this.#waitingBytes += difference
    const half = this.#budgetBytes / 2
    const scale =
      this.#waitingBytes <= half
        ? 1
        : Math.max(LOWEST_SCALE, (this.#budgetBytes - this.#waitingBytes) / half)
    this.#steps = scale === 1 ? this.#full : lowered(this.#full, scale)
  }

  /** Some at a time, with a turn of the loop between them: nobody's answer waits for all of them. */
  #release(held: readonly FlushedQueue[], from: number): void {
    const end = from + RELEASED_AT_ONCE
    for (const queue of held.slice(from, end)) queue.release()
    if (end < held.length)
      setImmediate(() => {
        this.#release(held, end)
      })
  }

  readonly #flushAll = (): void => {
    this.#isScheduled = false
    const dirty = this.#dirty
    this.#dirty = this.#spare
    this.#spare = dirty
    for (const queue of dirty) queue.flush()
    dirty.length = 0
  }
}

function lowered(full: OutboundSteps, scale: number): OutboundSteps {
  return {
    signalsStopBytes: full.signalsStopBytes * scale,
    lagBytes: full.lagBytes * scale,
    closeBytes: full.closeBytes * scale,
    lagTimeoutMs: full.lagTimeoutMs,
  }
}
