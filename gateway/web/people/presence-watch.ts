import type { ChatClient } from '@satchel/client'
import { Changes } from '../ui/changes.ts'

/** One client can watch so many people. */
const WATCHED_MAX = 64

/** Who is online, of the people that parts of the screen care about at the moment. */
export class PresenceWatch {
  readonly #chat: Pick<ChatClient, 'presence'>
  readonly #wanted = new Map<object, readonly string[]>()
  readonly #changes = new Changes()
  readonly on = this.#changes.on
  #watched = ''

  constructor(chat: Pick<ChatClient, 'presence'>) {
    this.#chat = chat
    chat.presence.on('presence', () => this.#changes.notify())
  }

  /** `who` cares about these people until the returned function is called; the latest come first. */
  want(who: object, userIds: readonly string[]): () => void {
    this.#wanted.delete(who)
    this.#wanted.set(who, userIds)
    this.#watch()
    return () => {
      this.#wanted.delete(who)
      this.#watch()
    }
  }

  /** Asks again about everybody: somebody may be visible who was not. */
  renew(): void {
    this.#watched = ''
    this.#watch()
  }

  isOnline(userId: string | undefined): boolean {
    return userId !== undefined && this.#chat.presence.get(userId)?.online === true
  }

  lastSeenMs(userId: string): number | undefined {
    return this.#chat.presence.get(userId)?.lastSeenMs
  }

  #watch(): void {
    const latestFirst = [...this.#wanted.values()].reverse().flat()
    const ids = [...new Set(latestFirst)].slice(0, WATCHED_MAX)
    const watched = [...ids].sort().join('\n')
    if (watched === this.#watched || ids.length === 0) return
    this.#watched = watched
    // Presence is a hint: without an answer nobody is shown as online.
    this.#chat.presence.watch(ids).catch(() => undefined)
  }
}
