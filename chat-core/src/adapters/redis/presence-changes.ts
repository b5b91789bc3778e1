import type { SessionId, UserId } from '@satchel/protocol'
import { CHANGE_PRESENCE } from './presence-scripts.ts'
import type { RedisClient } from './redis-client.ts'

/** A session that is there for so long from now on; 0: no longer. */
export interface PresenceChange {
  readonly userId: UserId
  readonly sessionId: SessionId
  readonly lifetimeMs: number
}

/** Keys and the channel of presence. */
export interface PresenceKeys {
  readonly channel: string
  readonly present: string
  readonly sessionsOf: (user: string) => string
  readonly seenOf: (user: string) => string
}

const CHANGES_PER_TRIP = 500

export function presenceKeys(client: Pick<RedisClient, 'key'>): PresenceKeys {
  return {
    channel: client.key('presence'),
    present: client.key('present'),
    sessionsOf: (user) => client.key('present', user),
    seenOf: (user) => client.key('seen', user),
  }
}

/** Who came, stayed and went in one turn of the loop, told in one trip and in order. */
export class PresenceChanges {
  readonly #client: RedisClient
  #waiting: PresenceChange[] = []
  #sent: Promise<void> | undefined

  constructor(client: RedisClient) {
    this.#client = client
  }

  /** Settles when Redis has all of the turn's. */
  add(...changes: readonly PresenceChange[]): Promise<void> {
    this.#waiting.push(...changes)
    this.#sent ??= this.#send()
    return this.#sent
  }

  async #send(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve))
    const changes = this.#waiting
    this.#waiting = []
    this.#sent = undefined
    for (let from = 0; from < changes.length; from += CHANGES_PER_TRIP)
      await this.#tell(changes.slice(from, from + CHANGES_PER_TRIP))
  }

  async #tell(changes: readonly PresenceChange[]): Promise<void> {
    const { channel, present, sessionsOf, seenOf } = presenceKeys(this.#client)
    await this.#client.runScript(
      CHANGE_PRESENCE,
      [present, ...changes.flatMap(({ userId }) => [sessionsOf(userId), seenOf(userId)])],
      [
        channel,
        ...changes.flatMap(({ userId, sessionId, lifetimeMs }) => [userId, sessionId, lifetimeMs]),
      ],
    )
  }
}
