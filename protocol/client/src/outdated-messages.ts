import type { Seq } from '@satchel/protocol'

/** Messages to be read again: each once, however many events that come together tell so. */
export class OutdatedMessages {
  readonly #readAgain: (seq: Seq) => void
  readonly #seqs = new Set<Seq>()

  constructor(readAgain: (seq: Seq) => void) {
    this.#readAgain = readAgain
  }

  add(seq: Seq | undefined): void {
    if (seq === undefined) return
    if (this.#seqs.size === 0) queueMicrotask(() => this.#readAll())
    this.#seqs.add(seq)
  }

  #readAll(): void {
    const seqs = [...this.#seqs]
    this.#seqs.clear()
    for (const seq of seqs) this.#readAgain(seq)
  }
}
