/** How one message reached the followers in one process. */
export interface Arrival {
  readonly seq: number
  readonly followers: number
  /** When the last of them had it, in milliseconds since the epoch, with fractions. */
  readonly lastMs: number
}

/** Which messages came, to how many, and when the last one had it. */
export class Arrivals {
  readonly #arrivals = new Map<number, { followers: number; lastMs: number }>()

  /** One more has it, now. */
  note(seq: number): void {
    const lastMs = performance.timeOrigin + performance.now()
    const known = this.#arrivals.get(seq)
    if (known === undefined) {
      this.#arrivals.set(seq, { followers: 1, lastMs })
      return
    }
    known.followers++
    known.lastMs = lastMs
  }

  list(): readonly Arrival[] {
    return [...this.#arrivals].map(([seq, arrival]) => ({ seq, ...arrival }))
  }
}
