import type { Timers } from '../../src/runtime/timers.ts'

/** Time that stands still until it is moved; what falls due meanwhile is called in its order. */
export class ManualTimers implements Timers {
  #nowMs = 0
  #due: { readonly atMs: number; readonly callback: () => void }[] = []

  /** How many are still to be called. */
  get waiting(): number {
    return this.#due.length
  }

  elapsedMs(): number {
    return this.#nowMs
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer = { atMs: this.#nowMs + delayMs, callback }
    this.#due.push(timer)
    return () => {
      this.#due = this.#due.filter((other) => other !== timer)
    }
  }

  advance(ms: number): void {
    const untilMs = this.#nowMs + ms
    for (;;) {
      const [next] = this.#due.toSorted((left, right) => left.atMs - right.atMs)
      if (next === undefined || next.atMs > untilMs) break
      this.#due = this.#due.filter((timer) => timer !== next)
      this.#nowMs = next.atMs
      next.callback()
    }
    this.#nowMs = untilMs
  }
}
