import type { User, UserId } from '@satchel/protocol'
import type { Connection } from './connection.ts'
import { requireUserId, requireUserIds } from './identifiers.ts'

const IDS_PER_REQUEST = 50
const USERS_MAX = 20_000
const PEOPLE_DEFAULT = 20

/** Names and pictures of people, kept once known. */
export class People {
  readonly #connection: Connection
  /** Least recently learnt first. */
  readonly #users = new Map<UserId, User>()
  readonly #asked = new Map<UserId, Promise<void>>()

  constructor(connection: Connection) {
    this.#connection = connection
  }

  find(userId: string): User | undefined {
    return this.#users.get(requireUserId(userId))
  }

  /** In the order asked; those that do not exist are left out. */
  async list(userIds: readonly string[]): Promise<readonly User[]> {
    const ids = requireUserIds(userIds)
    const unknown = [...new Set(ids)].filter((id) => !this.#users.has(id) && !this.#asked.has(id))
    for (let start = 0; start < unknown.length; start += IDS_PER_REQUEST) {
      this.#ask(unknown.slice(start, start + IDS_PER_REQUEST))
    }
    await Promise.all(ids.flatMap((id) => this.#asked.get(id) ?? []))
    return ids.flatMap((id) => this.#users.get(id) ?? [])
  }

  async search(prefix: string, limit: number = PEOPLE_DEFAULT): Promise<readonly User[]> {
    const { users } = await this.#connection.request({ type: 'people', prefix, limit })
    for (const user of users) this.learn(user)
    return users
  }

  learn(user: User): void {
    this.#users.delete(user.id)
    this.#users.set(user.id, user)
    const [oldest] = this.#users.keys()
    if (this.#users.size > USERS_MAX && oldest !== undefined) this.#users.delete(oldest)
  }

  /** What is known of the user is out of date. */
  forget(userId: UserId): void {
    this.#users.delete(userId)
  }

  #ask(ids: readonly UserId[]): void {
    const answer = this.#connection.request({ type: 'users', ids }).then(({ users }) => {
      for (const user of users) this.learn(user)
    })
    const settled = answer.finally(() => {
      for (const id of ids) this.#asked.delete(id)
    })
    settled.catch(() => undefined)
    for (const id of ids) this.#asked.set(id, settled)
  }
}
