import type { ConversationId } from '@satchel/protocol'

/**
 * Conversations in which a commit was given up. Commands may have been appended behind the refused
 * ones before anybody heard of it; they would overtake them, and are refused as well.
 */
export class LateRefusals {
  // Up to which record.
  readonly #until = new Map<ConversationId, number>()

  /** `lastRecord` gives the last record that may hold something appended by now. */
  add(id: ConversationId, lastRecord: () => number): void {
    this.#until.set(id, Number.POSITIVE_INFINITY)
    // Once the gateways have heard of it they append nothing more without a restart.
    setImmediate(() => this.#until.set(id, lastRecord()))
  }

  has(id: ConversationId): boolean {
    return this.#until.has(id)
  }

  /** The record is the next that is read. */
  advance(record: number): void {
    for (const [id, until] of this.#until) if (until < record) this.#until.delete(id)
  }
}
