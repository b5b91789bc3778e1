import type { Timers } from './timers.ts'

export interface ReachDeps {
  readonly timers: Timers
  /** Asks whatever a process cannot do without; rejects when one of them does not answer. */
  readonly ask: () => Promise<unknown>
}

const INTERVAL_MS = 5_000
/** A shorter absence is over before anybody could act on it. */
const AWAY_MS = 20_000

/** Whether what a process cannot do without answers it: asked again and again, until it is closed. */
export class Reach {
  readonly #deps: ReachDeps
  #answeredMs: number
  #isAsking = false
  #isClosed = false
  #cancel: (() => void) | undefined

  /** Everything has answered just now. */
  constructor(deps: ReachDeps) {
    this.#deps = deps
    this.#answeredMs = deps.timers.elapsedMs()
    this.#wait()
  }

  /** True until nothing has answered for twenty seconds. */
  get isThere(): boolean {
    return !this.#isClosed && this.#deps.timers.elapsedMs() - this.#answeredMs < AWAY_MS
  }

  close(): void {
    this.#isClosed = true
    this.#cancel?.()
  }

  #wait(): void {
    this.#cancel = this.#deps.timers.after(INTERVAL_MS, () => {
      this.#wait()
      void this.#ask()
    })
  }

  async #ask(): Promise<void> {
    if (this.#isAsking) return
    this.#isAsking = true
    try {
      await this.#deps.ask()
      this.#answeredMs = this.#deps.timers.elapsedMs()
    } catch {
      // Whoever was asked counts and logs what went wrong.
    }
    this.#isAsking = false
  }
}
