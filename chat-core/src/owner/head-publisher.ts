import type { ConversationId } from '@satchel/protocol'
import type { HeadRow } from '../domain/conversation-state.ts'
import type { Heads } from '../ports/heads.ts'

/**
 * Publishes the heads of a process's commits for readers. One publication at a time; what comes
 * meanwhile goes together with the next, each conversation once.
 */
export class HeadPublisher {
  readonly #heads: Pick<Heads, 'publish'>
  readonly #failed: (error: unknown) => void
  #waiting = new Map<ConversationId, HeadRow>()
  #next: Promise<void> | undefined
  #current: Promise<void> = Promise.resolve()

  constructor(heads: Pick<Heads, 'publish'>, failed: (error: unknown) => void) {
    this.#heads = heads
    this.#failed = failed
  }

  /** Settles once the head can be read, or could not be published: then readers ask the owner. */
  publish(id: ConversationId, head: HeadRow): Promise<void> {
    this.#waiting.set(id, head)
    this.#next ??= this.#publishNext()
    return this.#next
  }

  async #publishNext(): Promise<void> {
    await this.#current
    const heads = this.#waiting
    this.#waiting = new Map()
    this.#current = this.#next ?? this.#current
    this.#next = undefined
    try {
      await this.#heads.publish(heads)
    } catch (error) {
      this.#failed(error)
    }
  }
}
