import type { ChatClient } from '@satchel/client'
import type { User } from '@satchel/protocol'
import { Changes } from '../ui/changes.ts'

/** What people are called. A name that is not known yet is the id, and comes later with a `change`. */
export class Names {
  readonly #chat: Pick<ChatClient, 'users'>
  readonly #names = new Map<string, string>()
  readonly #asked = new Set<string>()
  readonly #changes = new Changes()
  readonly on = this.#changes.on
  #unsent: string[] = []
  #version = 0

  constructor(chat: Pick<ChatClient, 'users'>) {
    this.#chat = chat
  }

  /** Another number whenever a name has come. */
  get version(): number {
    return this.#version
  }

  nameOf(userId: string): string {
    const name = this.#names.get(userId)
    if (name !== undefined) return name
    if (!this.#asked.has(userId)) {
      this.#asked.add(userId)
      this.#unsent.push(userId)
      // Everybody on a screen is asked for at once.
      if (this.#unsent.length === 1) queueMicrotask(() => this.#ask())
    }
    return userId
  }

  learn(users: readonly User[]): void {
    for (const { id, name } of users) this.#names.set(id, name ?? id)
    this.#version++
    this.#changes.notify()
  }

  #ask(): void {
    const ids = this.#unsent
    this.#unsent = []
    this.#chat.users(ids).then(
      (users) => this.learn(users),
      // Ids stand in for names until somebody asks again.
      () => {
        for (const id of ids) this.#asked.delete(id)
      },
    )
  }
}
