import type { Timers } from '../runtime/index.ts'

/** As many as a successor claims at once. */
const HAND_OVERS_AT_ONCE = 2
/** Whoever has not taken a partition over by then may be waiting for something else. */
const TAKE_OVER_MS = 250

/**
 * Partitions to be let go of, a few at a time: claiming one takes longer than letting go of it, and those
 * whose turn is yet to come are served meanwhile. The next one's turn comes when somebody has taken one
 * over. Where nobody does, it waits for that once, and then for nobody.
 */
export class HandOverQueue {
  readonly #timers: Pick<Timers, 'after'>
  readonly #handOver: (partition: number) => Promise<boolean>
  readonly #waiting = new Set<number>()
  /** Under way, or not taken over yet; each with what is to be called when it is. */
  readonly #begun = new Map<number, () => void>()
  #isAnybodyThere = true
  #emptied: (() => void)[] = []

  /** `handOver` tells whether there was anything to hand over, and never rejects. */
  constructor(timers: Pick<Timers, 'after'>, handOver: (partition: number) => Promise<boolean>) {
    this.#timers = timers
    this.#handOver = handOver
  }

  add(partition: number): void {
    if (this.#begun.has(partition)) return
    this.#waiting.add(partition)
    this.#begin()
  }

  /** It is to be kept after all, unless it is too late for that. */
  remove(partition: number): void {
    this.#waiting.delete(partition)
  }

  /** Somebody owns it now. */
  takenOver(partition: number): void {
    this.#isAnybodyThere = true
    this.#begun.get(partition)?.()
  }

  /** Settles when nothing waits, and nothing is under way. */
  async emptied(): Promise<void> {
    if (this.#begun.size === 0) return
    await new Promise<void>((resolve) => this.#emptied.push(resolve))
  }

  #begin(): void {
    for (const partition of this.#waiting) {
      if (this.#begun.size >= HAND_OVERS_AT_ONCE) return
      this.#waiting.delete(partition)
      void this.#run(partition)
    }
  }

  async #run(partition: number): Promise<void> {
    const taken = Promise.withResolvers<undefined>()
    this.#begun.set(partition, () => {
      taken.resolve(undefined)
    })
    const isFree = await this.#handOver(partition)
    if (isFree && this.#isAnybodyThere) await this.#patiently(taken.promise)
    this.#begun.delete(partition)
    this.#begin()
    if (this.#begun.size === 0) for (const resolve of this.#emptied.splice(0)) resolve()
  }

  async #patiently(taken: Promise<undefined>): Promise<void> {
    const late = Promise.withResolvers<undefined>()
    const cancel = this.#timers.after(TAKE_OVER_MS, () => {
      this.#isAnybodyThere = false
      late.resolve(undefined)
    })
    await Promise.race([taken, late.promise])
    cancel()
  }
}
