import { Changes } from '../ui/changes.ts'

const FACTORS = [1, 1.5, 2] as const

/** How fast recordings are played: the same for all of them, until the page is left. */
export class PlaybackSpeed {
  readonly #changes = new Changes()
  readonly on = this.#changes.on
  #index = 0

  get factor(): number {
    return FACTORS[this.#index] ?? 1
  }

  /** Faster, and after the fastest as it was recorded. */
  step(): void {
    this.#index = (this.#index + 1) % FACTORS.length
    this.#changes.notify()
  }
}
