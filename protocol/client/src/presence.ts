import type { PresenceState, UserId } from '@satchel/protocol'
import type { Connection } from './connection.ts'
import { Emitter } from './emitter.ts'
import type { Unsubscribe } from './emitter.ts'
import { requireUserIds } from './identifiers.ts'

export interface PresenceEvents {
  /** These people came, went, or are newly watched. */
  presence: readonly PresenceState[]
}

/** Who of the watched people is online. Only people who share a conversation with the user can be seen. */
export class Presence {
  readonly #connection: Connection
  readonly #emitter = new Emitter<PresenceEvents>()
  readonly #states = new Map<string, PresenceState>()
  #watched: readonly UserId[] = []

  /** @internal */
  constructor(connection: Connection) {
    this.#connection = connection
    connection.on('live', () => {
      if (this.#watched.length > 0) void this.#ask().catch(() => undefined)
    })
    connection.on('push', (frame) => {
      if (frame.type === 'presence') this.#apply(frame.presence)
    })
  }

  /** Watches these people (64 at most) instead of those before; resolves with where they are now. */
  async watch(userIds: readonly string[]): Promise<readonly PresenceState[]> {
    this.#watched = requireUserIds(userIds)
    const watched = new Set<string>(userIds)
    for (const id of [...this.#states.keys()]) if (!watched.has(id)) this.#states.delete(id)
    return await this.#ask()
  }

  /** The last that was heard of a watched person. */
  get(userId: string): PresenceState | undefined {
    return this.#states.get(userId)
  }

  on<Name extends keyof PresenceEvents>(
    name: Name,
    listener: (value: PresenceEvents[Name]) => void,
  ): Unsubscribe {
    return this.#emitter.on(name, listener)
  }

  async #ask(): Promise<readonly PresenceState[]> {
    const ids = this.#watched
    const { presence } = await this.#connection.request({ type: 'watch_presence', ids })
    if (ids === this.#watched) this.#apply(presence)
    return presence
  }

  #apply(presence: readonly PresenceState[]): void {
    for (const state of presence) this.#states.set(state.userId, state)
    this.#emitter.emit('presence', presence)
  }
}
