/**
 * Lets all who wait in one turn of the loop go on together at its end: the driver writes what they then send at once,
 * and a write costs as much as the rest of a request.
 */
export class EndOfTurn {
  #next: Promise<void> | undefined

  reached(): Promise<void> {
    this.#next ??= new Promise((resolve) => {
      setImmediate(() => {
        this.#next = undefined
        resolve()
      })
    })
    return this.#next
  }
}
