import type { ConversationId, Seq } from '@satchel/protocol'

const MAX_CONVERSATIONS = 100_000

/** The greatest seq of each conversation that this process has heard of; of the 100,000 it heard of last. */
export class SeenSeqs {
  readonly #seqs = new Map<ConversationId, Seq>()

  add(conversationId: ConversationId, seq: Seq): void {
    const known = this.#seqs.get(conversationId)
    if (known !== undefined && known >= seq) return
    this.#seqs.delete(conversationId)
    this.#seqs.set(conversationId, seq)
    if (this.#seqs.size > MAX_CONVERSATIONS) this.#forgetOldest()
  }

  /** 0 where nothing was heard of. */
  of(conversationId: ConversationId): Seq {
    return this.#seqs.get(conversationId) ?? 0
  }

  #forgetOldest(): void {
    for (const oldest of this.#seqs.keys()) {
      if (this.#seqs.size <= MAX_CONVERSATIONS) return
      this.#seqs.delete(oldest)
    }
  }
}
