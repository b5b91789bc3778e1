import type { Random } from '../../../loadtest/src/random.ts'
import type { World } from './world.ts'

export type Fate = 'arrives' | 'answer lost' | 'late' | 'lost'

/** How well messages travel. It is bad until it clears up for good. */
export class Weather {
  readonly #world: World
  readonly #random: Random
  readonly #outages = new Map<string, number>()
  #isCalm = false

  constructor(world: World) {
    this.#world = world
    this.#random = world.random.fork()
  }

  clearUp(): void {
    this.#isCalm = true
    this.#outages.clear()
  }

  /** For a while a server hears nothing. */
  breakDown(server: string, forMs: number): void {
    this.#outages.set(server, this.#world.nowMs + forMs)
  }

  fateOfCall(server: string): Fate {
    if ((this.#outages.get(server) ?? 0) > this.#world.nowMs) return 'lost'
    if (this.#isCalm) return 'arrives'
    const ticket = this.#random.next()
    if (ticket > 0.03) return 'arrives'
    return ticket < 0.01 ? 'lost' : ticket < 0.02 ? 'answer lost' : 'late'
  }

  /** Whether an event gets lost on the bus all by itself. */
  losesEvent(): boolean {
    return !this.#isCalm && this.#random.chance(0.05)
  }

  latencyMs(): number {
    return this.#random.chance(0.05) ? this.#random.between(10, 80) : this.#random.between(1, 4)
  }

  /** By how much something arrives after everybody has given it up. */
  delayMs(): number {
    return this.#random.chance(0.3)
      ? this.#random.between(1_000, 12_000)
      : this.#random.between(1, 600)
  }
}
