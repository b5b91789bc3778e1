import { delay } from '../../chaos/deadlines.ts'
import { runOpenLoop } from '../../open-loop.ts'
import type { BenchConnection, BenchListener } from '../bench-target.ts'

/** How long each conversation's slowest message took while something was done. */
export interface Stalls {
  /** By group, in milliseconds from the intended time of sending; infinite when one did not come at all. */
  readonly longestMs: readonly number[]
  readonly failures: number
}

const DRAIN_DEADLINE_MS = 20_000
const POLL_MS = 20

/** A steady load on many small groups, in each of which it is seen how long a message took at most. */
export class StallWatch {
  readonly #groups: number
  readonly #groupSize: number
  #longestMs: number[] = []
  #missing: number[] = []
  #failures = 0
  #sinceMs = 0

  constructor(groups: number, groupSize: number) {
    this.#groups = groups
    this.#groupSize = groupSize
  }

  /** For every connection. */
  readonly listener: BenchListener = {
    delivered: (text) => {
      const [intendedMs = 0, group = 0] = text.split(' ').map(Number)
      if (intendedMs < this.#sinceMs) return
      const tookMs = performance.now() - intendedMs
      this.#longestMs[group] = Math.max(this.#longestMs[group] ?? 0, tookMs)
      this.#missing[group] = (this.#missing[group] ?? 0) - 1
    },
    acknowledged: () => undefined,
    failed: () => {
      this.#failures++
    },
  }

  /**
   * Sends to one group after the other, everybody in their turn, while `act` is done, and waits until all is delivered.
   * `connections` are the members of the first group, then those of the second, and so on.
   */
  async during(
    connections: readonly BenchConnection[],
    { perSecond, seconds }: { readonly perSecond: number; readonly seconds: number },
    act: () => Promise<void> = () => Promise.resolve(),
  ): Promise<Stalls> {
    this.#longestMs = Array.from({ length: this.#groups }, () => 0)
    this.#missing = Array.from({ length: this.#groups }, () => 0)
    this.#failures = 0
    this.#sinceMs = performance.now()
    const acting = act()
    await runOpenLoop(perSecond, seconds, (index, intendedMs) => {
      const group = index % this.#groups
      const turn = Math.floor(index / this.#groups) % this.#groupSize
      this.#missing[group] = (this.#missing[group] ?? 0) + this.#groupSize
      connections[group * this.#groupSize + turn]?.send(group, `${intendedMs} ${group}`)
    })
    await acting
    const endMs = performance.now() + DRAIN_DEADLINE_MS
    while (this.#missing.some((count) => count > 0) && performance.now() < endMs)
      await delay(POLL_MS)
    const longestMs = this.#longestMs.map((ms, group) =>
      (this.#missing[group] ?? 0) > 0 ? Number.POSITIVE_INFINITY : Math.round(ms),
    )
    return { longestMs, failures: this.#failures }
  }
}
