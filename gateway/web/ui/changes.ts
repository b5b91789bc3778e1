/** Something that says when it reads differently. */
export interface Observable {
  on(name: 'change', listener: () => void): () => void
}

/** Tells whoever listens that something reads differently; that something shows `on` as its own. */
export class Changes implements Observable {
  readonly #listeners = new Set<() => void>()

  /** Until the returned function is called. */
  readonly on = (_name: 'change', listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  notify(): void {
    for (const listener of [...this.#listeners]) listener()
  }
}
