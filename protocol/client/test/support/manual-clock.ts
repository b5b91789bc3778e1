import { setImmediate } from 'node:timers/promises'
import type { Clock } from '../../src/clock.ts'

interface Timer {
  readonly dueAtMs: number
  readonly callback: () => void
}

/** Time that stands still until a test moves it. */
export class ManualClock implements Clock {
  #nowMs = 1_700_000_000_000
  readonly #timers = new Set<Timer>()
  readonly #work = new Set<Promise<unknown>>()

  now(): number {
    return this.#nowMs
  }

  setTimer(delayMs: number, callback: () => void): () => void {
    const timer = { dueAtMs: this.#nowMs + Math.max(delayMs, 0), callback }
    this.#timers.add(timer)
    return () => {
      this.#timers.delete(timer)
    }
  }

  get pendingTimers(): number {
    return this.#timers.size
  }

  /** Time stands still while this runs, such as the reading of a blob, which takes real time. */
  async during<Value>(work: Promise<Value>): Promise<Value> {
    this.#work.add(work)
    try {
      return await work
    } finally {
      this.#work.delete(work)
    }
  }

  /** Lets everything happen that needs no time: promises, and frames on their way. */
  async settle(): Promise<void> {
    do {
      await Promise.allSettled(this.#work)
      for (let turn = 0; turn < 4; turn++) await setImmediate()
    } while (this.#work.size > 0)
  }

  /** Moves time forward; whatever is due on the way happens at its time, with everything that follows from it. */
  async advance(durationMs: number): Promise<void> {
    const endMs = this.#nowMs + durationMs
    await this.settle()
    for (;;) {
      const next = this.#nextTimer()
      if (next === undefined || next.dueAtMs > endMs) break
      this.#timers.delete(next)
      this.#nowMs = Math.max(this.#nowMs, next.dueAtMs)
      next.callback()
      await this.settle()
    }
    this.#nowMs = endMs
  }

  /** Moves time from timer to timer until `isDone`; fails when that takes more than `limitMs`. */
  async advanceUntil(isDone: () => boolean, limitMs = 300_000): Promise<void> {
    const endMs = this.#nowMs + limitMs
    await this.settle()
    while (!isDone()) {
      const next = this.#nextTimer()
      if (next === undefined || next.dueAtMs > endMs) {
        throw new Error(`still not so after ${String(limitMs)} ms: ${isDone.toString()}`)
      }
      await this.advance(Math.max(next.dueAtMs - this.#nowMs, 0))
    }
  }

  /** Moves time to whatever is due next. */
  async advanceToNextTimer(): Promise<void> {
    await this.settle()
    const next = this.#nextTimer()
    if (next === undefined) throw new Error('nothing is due')
    await this.advance(Math.max(next.dueAtMs - this.#nowMs, 0))
  }

  /** Moves time until the promise settles, and settles as it does. */
  async until<Value>(promise: Promise<Value>, limitMs?: number): Promise<Value> {
    let isSettled = false
    const settled = (): void => {
      isSettled = true
    }
    promise.then(settled, settled)
    await this.advanceUntil(() => isSettled, limitMs)
    return await promise
  }

  #nextTimer(): Timer | undefined {
    return [...this.#timers].sort((a, b) => a.dueAtMs - b.dueAtMs)[0]
  }
}
