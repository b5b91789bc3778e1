import type { UserId } from '@satchel/protocol'
import type { Session } from './session.ts'

const NONE: ReadonlySet<Session> = new Set()

/** Every session of this gateway, and whose they are. */
export class SessionTable {
  readonly #byUser = new Map<UserId, Set<Session>>()
  #size = 0
  #added = 0

  get size(): number {
    return this.#size
  }

  add(session: Session): void {
    const own = this.#byUser.get(session.userId)
    if (own === undefined) this.#byUser.set(session.userId, new Set([session]))
    else own.add(session)
    this.#size++
    session.phase = this.#added++
  }

  remove(session: Session): void {
    const own = this.#byUser.get(session.userId)
    if (own?.delete(session) !== true) return
    if (own.size === 0) this.#byUser.delete(session.userId)
    this.#size--
  }

  of(userId: UserId): ReadonlySet<Session> {
    return this.#byUser.get(userId) ?? NONE
  }

  userIds(): Iterable<UserId> {
    return this.#byUser.keys()
  }

  *[Symbol.iterator](): Generator<Session> {
    for (const own of this.#byUser.values()) yield* own
  }
}
