import type { UserId } from '@satchel/protocol'
import type { LocatedUsers } from '../../ports/session-registry.ts'
import type { MonotonicClock } from '../../runtime/monotonic-clock.ts'
import type { RedisClient, RedisCommand } from './redis-client.ts'
import { redisScript } from './redis-script.ts'
import {
  formatPlace,
  gatewayKey,
  parsePlace,
  sessionsKey,
  type SessionPlace,
} from './session-keys.ts'

export interface LocatedSessionsOptions {
  readonly client: RedisClient
  readonly clock: MonotonicClock
}

interface FoundSessions {
  readonly atMs: number
  /** By session. */
  readonly places: ReadonlyMap<string, SessionPlace>
}

/** Together with the way to Redis and back, what is known of a user is two seconds old at most. */
const FRESH_MS = 1_500
const HEARTBEAT_FRESH_MS = 1_000
/** While Redis does not answer, what was known this long ago is better than nothing. */
const USABLE_MS = 60_000
const MAX_USERS = 100_000
const USERS_PER_TRIP = 1_000

/** Unless its gateway has come back meanwhile, and has registered it again. */
const REMOVE_DEAD = redisScript(`
if redis.call('GET', KEYS[2]) ~= ARGV[3] and redis.call('HGET', KEYS[1], ARGV[1]) == ARGV[2] then
  return redis.call('HDEL', KEYS[1], ARGV[1])
end
return 0
`)

/** Where everybody's sessions are, as Redis knows it, and as it was known a moment ago. */
export class LocatedSessions {
  readonly #options: LocatedSessionsOptions
  readonly #found = new Map<UserId, FoundSessions>()
  /** By gateway: which boot of it lives, if any. */
  readonly #boots = new Map<string, { readonly atMs: number; readonly bootId: unknown }>()

  constructor(options: LocatedSessionsOptions) {
    this.#options = options
  }

  /** Never rejects: without Redis it gives what was known lately. */
  async locate(userIds: ReadonlySet<UserId>): Promise<LocatedUsers> {
    const isComplete = await this.#refresh(userIds)
    return { usersAt: this.#gather(userIds), isComplete }
  }

  /** False without an answer: the client has told of it. */
  async #refresh(userIds: ReadonlySet<UserId>): Promise<boolean> {
    const freshMs = this.#options.clock.elapsedMs() - FRESH_MS
    const due = [...userIds].filter((id) => (this.#found.get(id)?.atMs ?? -Infinity) < freshMs)
    try {
      for (let from = 0; from < due.length; from += USERS_PER_TRIP)
        await this.#read(due.slice(from, from + USERS_PER_TRIP))
      return true
    } catch {
      return false
    }
  }

  /** The user's sessions have changed here. */
  forget(userId: UserId): void {
    this.#found.delete(userId)
  }

  async #read(userIds: readonly UserId[]): Promise<void> {
    const { client, clock } = this.#options
    const gatewayIds = this.#dueGateways()
    const answers = await client.run([
      ...userIds.map((id): RedisCommand => ['HGETALL', sessionsKey(client, id)]),
      // Behind the sessions: who registers says that it lives before it says anything else.
      ...this.#heartbeats(gatewayIds),
    ])
    const atMs = clock.elapsedMs()
    this.#takeHeartbeats(gatewayIds, answers.slice(userIds.length))
    const found = userIds.map((_, index) => parsePlaces(answers[index]))
    await this.#resolveDoubts(found, new Set(gatewayIds))
    for (const [index, userId] of userIds.entries())
      this.#keep(userId, { atMs, places: this.#living(userId, found[index] ?? new Map()) })
  }

  /** One more trip for gateways that have started, or ended, since their heartbeats were last read. */
  async #resolveDoubts(
    found: readonly ReadonlyMap<string, SessionPlace>[],
    justRead: ReadonlySet<string>,
  ): Promise<void> {
    const doubtful = found
      .flatMap((places) => [...places.values()])
      .filter((place) => !this.#lives(place) && !justRead.has(place.gatewayId))
      .map(({ gatewayId }) => gatewayId)
    const gatewayIds = [...new Set(doubtful)]
    const bootIds = await this.#options.client.run(this.#heartbeats(gatewayIds))
    this.#takeHeartbeats(gatewayIds, bootIds)
  }

  #dueGateways(): readonly string[] {
    const freshMs = this.#options.clock.elapsedMs() - HEARTBEAT_FRESH_MS
    return [...this.#boots].flatMap(([id, { atMs }]) => (atMs < freshMs ? [id] : []))
  }

  #heartbeats(gatewayIds: readonly string[]): readonly RedisCommand[] {
    return gatewayIds.map((id) => ['GET', gatewayKey(this.#options.client, id)])
  }

  #takeHeartbeats(gatewayIds: readonly string[], bootIds: readonly unknown[]): void {
    const atMs = this.#options.clock.elapsedMs()
    for (const [index, gatewayId] of gatewayIds.entries()) {
      const bootId = bootIds[index]
      // Whoever has gone is asked for again when a session names it.
      if (bootId === null) this.#boots.delete(gatewayId)
      else this.#boots.set(gatewayId, { atMs, bootId })
    }
  }

  /** Without those of gateways that are no more, which are taken out of Redis. */
  #living(
    userId: UserId,
    places: ReadonlyMap<string, SessionPlace>,
  ): ReadonlyMap<string, SessionPlace> {
    const living = new Map([...places].filter(([, place]) => this.#lives(place)))
    if (living.size === places.size) return places
    for (const [sessionId, place] of places)
      if (!living.has(sessionId)) void this.#remove(userId, sessionId, place)
    return living
  }

  async #remove(userId: UserId, sessionId: string, place: SessionPlace): Promise<void> {
    const { client } = this.#options
    const keys = [sessionsKey(client, userId), gatewayKey(client, place.gatewayId)]
    try {
      await client.runScript(REMOVE_DEAD, keys, [sessionId, formatPlace(place), place.bootId])
    } catch {
      // Whoever looks next tries again.
    }
  }

  #lives({ gatewayId, bootId }: SessionPlace): boolean {
    return this.#boots.get(gatewayId)?.bootId === bootId
  }

  #keep(userId: UserId, found: FoundSessions): void {
    this.#found.delete(userId)
    this.#found.set(userId, found)
    for (const oldest of this.#found.keys()) {
      if (this.#found.size <= MAX_USERS) return
      this.#found.delete(oldest)
    }
  }

  #gather(userIds: ReadonlySet<UserId>): ReadonlyMap<string, readonly UserId[]> {
    const usableMs = this.#options.clock.elapsedMs() - USABLE_MS
    const usersAt = new Map<string, UserId[]>()
    for (const userId of userIds) {
      const found = this.#found.get(userId)
      if (found === undefined || found.atMs < usableMs) continue
      const gatewayIds = Array.from(found.places.values(), ({ gatewayId }) => gatewayId)
      for (const gatewayId of new Set(gatewayIds)) {
        const users = usersAt.get(gatewayId)
        if (users === undefined) usersAt.set(gatewayId, [userId])
        else users.push(userId)
      }
    }
    return usersAt
  }
}

function parsePlaces(answer: unknown): ReadonlyMap<string, SessionPlace> {
  const places = new Map<string, SessionPlace>()
  const texts: readonly unknown[] = Array.isArray(answer) ? answer : []
  for (let index = 0; index + 1 < texts.length; index += 2) {
    const [sessionId, place] = [texts[index], texts[index + 1]]
    if (typeof sessionId === 'string' && typeof place === 'string')
      places.set(sessionId, parsePlace(place))
  }
  return places
}
