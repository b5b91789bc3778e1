import { ChatError } from '@satchel/protocol'
import type { InboxEntry, UserId } from '@satchel/protocol'
import type { Connection } from './connection.ts'

/**
 * Finds the conversation with a person where the inbox does not show it: it may lie further back than
 * what is loaded. Asks once per person and session; whatever is made after that is told by its events.
 */
export class DirectFinder {
  readonly #connection: Pick<Connection, 'request'>
  readonly #onFound: (peerId: UserId, entry: InboxEntry) => void
  #answers = new Map<UserId, Promise<void>>()

  constructor(
    connection: Pick<Connection, 'request'>,
    onFound: (peerId: UserId, entry: InboxEntry) => void,
  ) {
    this.#connection = connection
    this.#onFound = onFound
  }

  /** Settles when it was found, or is known not to be there yet. */
  find(peerId: UserId): Promise<void> {
    const asked = this.#answers.get(peerId)
    if (asked !== undefined) return asked
    const answers = this.#answers
    const answer = this.#ask(peerId)
    answers.set(peerId, answer)
    answer.catch(() => answers.delete(peerId))
    return answer
  }

  /** A new session: what was answered before may have changed. */
  forget(): void {
    this.#answers = new Map()
  }

  async #ask(peerId: UserId): Promise<void> {
    let entry: InboxEntry
    try {
      entry = await this.#connection.request({ type: 'conversation', to: peerId })
    } catch (error) {
      if (error instanceof ChatError && error.code === 'no_such_conversation') return
      throw error
    }
    this.#onFound(peerId, entry)
  }
}
