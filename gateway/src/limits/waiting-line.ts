/**
 * Lets so many in at once, the others in the order they came: work that everybody would begin at once, and
 * nobody end in time, is done for some of them after the others.
 */
export class WaitingLine {
  readonly #atOnce: number
  // A set keeps the order, and lets go of its first at once however long it is.
  readonly #waiting = new Set<() => void>()
  #inside = 0

  constructor(atOnce: number) {
    this.#atOnce = atOnce
  }

  get length(): number {
    return this.#waiting.size
  }

  /** Settles when there is room; then `leave` must be called once. */
  async enter(): Promise<void> {
    if (this.#inside < this.#atOnce) this.#inside++
    else await new Promise<void>((resolve) => this.#waiting.add(resolve))
  }

  leave(): void {
    const [next] = this.#waiting
    if (next === undefined) {
      this.#inside--
      return
    }
    this.#waiting.delete(next)
    next()
  }
}
