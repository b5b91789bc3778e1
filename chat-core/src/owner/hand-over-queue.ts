import type { Timers } from '../runtime/index.ts'

/** As many as a successor claims at once. */
const HAND_OVERS_AT_ONCE = 2
/** Whoever has not taken a partition over by then may be waiting for something else. */
const TAKE_OVER_MS = 250

/**
 * Partitions to be let go of, two at a time: claiming one takes longer than letting go of it, and those whose
 * turn is yet to come are served meanwhile. The next one's turn comes when somebody has taken one over. Where
 * that takes too long once, because nobody is there or letting go takes long itself, all the others go at once.
 */
export class HandOverQueue {
  readonly #timers: Pick<Timers, 'after'>
  readonly #handOver: (partition: number) => Promise<boolean>
  readonly #waiting = new Set<number>()
  /** Those being let go of, or not taken over yet; each with what makes room for the next. */
  readonly #begun = new Map<number, () => void>()
  /** Taken, of those there are. */
  #slots = 0
  #isPatient = true
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
    this.#isPatient = true
    this.#begun.get(partition)?.()
  }

  /** Settles when nothing waits, and nothing is under way. */
  async emptied(): Promise<void> {
    if (this.#begun.size === 0) return
    await new Promise<void>((resolve) => this.#emptied.push(resolve))
  }

  #begin(): void {
    for (const partition of this.#waiting) {
      if (this.#isPatient && this.#slots >= HAND_OVERS_AT_ONCE) return
      this.#waiting.delete(partition)
      void this.#run(partition)
    }
  }

  async #run(partition: number): Promise<void> {
    const next = Promise.withResolvers<undefined>()
    const makeRoom = (): void => {
      next.resolve(undefined)
    }
    this.#begun.set(partition, makeRoom)
    this.#slots++
    const cancel = this.#timers.after(TAKE_OVER_MS, () => {
      this.#isPatient = false
      makeRoom()
    })
    const done = this.#handOver(partition).then((isFree) => {
      if (!isFree || !this.#isPatient) makeRoom()
    })
    await next.promise
    cancel()
    this.#slots--
    this.#begin()
    await done
    this.#begun.delete(partition)
    if (this.#begun.size === 0) for (const resolve of this.#emptied.splice(0)) resolve()
  }
}
