import type { Timers } from '../runtime/index.ts'

/** From an owner's beginning to its end, which may come at any moment: nobody waits beyond it. */
export class OwnerLife {
  readonly #timers: Pick<Timers, 'after'>
  readonly #waiting = new Set<() => void>()
  #ended = false

  constructor(timers: Pick<Timers, 'after'>) {
    this.#timers = timers
  }

  get ended(): boolean {
    return this.#ended
  }

  end(): void {
    this.#ended = true
    for (const wake of [...this.#waiting]) wake()
  }

  /** Settles after `delayMs`, or at the end. */
  async pause(delayMs: number): Promise<void> {
    if (this.#ended) return
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        cancel()
        this.#waiting.delete(wake)
        resolve()
      }
      const cancel = this.#timers.after(delayMs, wake)
      this.#waiting.add(wake)
    })
  }
}
