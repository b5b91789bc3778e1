import type { ConversationCopy } from './conversation-copy.ts'

/** So many conversations keep what was loaded of them, those with listeners not counted out. */
const OPEN_MAX = 100

/** Bounds memory: of conversations that were opened long ago and that nobody listens to, the messages go. */
export class OpenCopies {
  /** Least recently opened first. */
  readonly #copies = new Set<ConversationCopy>()

  add(copy: ConversationCopy): void {
    this.#copies.delete(copy)
    this.#copies.add(copy)
    if (this.#copies.size <= OPEN_MAX) return
    for (const oldest of this.#copies) {
      if (oldest === copy || !oldest.release()) continue
      this.#copies.delete(oldest)
      return
    }
  }
}
