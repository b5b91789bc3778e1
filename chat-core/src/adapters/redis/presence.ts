import { presenceState, type PresenceState, type SessionId, type UserId } from '@satchel/protocol'
import type { Presence } from '../../ports/presence.ts'
import type { MonotonicClock } from '../../runtime/monotonic-clock.ts'
import { PresenceChanges, presenceKeys, type PresenceChange } from './presence-changes.ts'
import { SWEEP_PRESENCE } from './presence-scripts.ts'
import type { RedisClient } from './redis-client.ts'
import { parseRedisTimeMs } from './redis-time.ts'

export interface RedisPresenceOptions {
  readonly client: RedisClient
  readonly clock: MonotonicClock
}

const SWEEP_INTERVAL_MS = 1_000
const USERS_PER_SWEEP = 500

/**
 * Presence in Redis, by Redis' clock. Every process looks for sessions whose lifetime has ended; each is told of once.
 * What Redis has forgotten, the processes whose sessions they are tell it again.
 */
export class RedisPresence implements Presence {
  readonly #client: RedisClient
  readonly #clock: MonotonicClock
  readonly #changes: PresenceChanges
  readonly #own = new Map<SessionId, { readonly userId: UserId; readonly endsAtMs: number }>()
  readonly #watchers = new Set<(state: PresenceState) => void>()
  readonly #timer: NodeJS.Timeout
  readonly #ends: (() => void)[]

  constructor({ client, clock }: RedisPresenceOptions) {
    this.#client = client
    this.#clock = clock
    this.#changes = new PresenceChanges(client)
    this.#timer = setInterval(() => void this.#look(), SWEEP_INTERVAL_MS)
    this.#timer.unref()
    this.#ends = [
      client.watchReconnects(() => void this.#restore()),
      client.subscribe(presenceKeys(client).channel, (message) => {
        this.#tell(message)
      }),
    ]
  }

  async arrive(userId: UserId, sessionId: SessionId, lifetimeMs: number): Promise<void> {
    this.#own.set(sessionId, { userId, endsAtMs: this.#clock.elapsedMs() + lifetimeMs })
    await this.#changes.add({ userId, sessionId, lifetimeMs })
  }

  async leave(userId: UserId, sessionId: SessionId): Promise<void> {
    this.#own.delete(sessionId)
    await this.#changes.add({ userId, sessionId, lifetimeMs: 0 })
  }

  async read(userIds: readonly UserId[]): Promise<readonly PresenceState[]> {
    if (userIds.length === 0) return []
    const { present, seenOf } = presenceKeys(this.#client)
    const [time, ends, seen] = await this.#client.run([
      ['TIME'],
      ['ZMSCORE', present, ...userIds],
      ['MGET', ...userIds.map(seenOf)],
    ])
    const nowMs = parseRedisTimeMs(time)
    const [endsOf, seenMsOf] = [parseNumbers(ends), parseNumbers(seen)]
    return userIds.map((userId, index) => {
      const endsAtMs = endsOf[index]
      if (endsAtMs !== undefined && endsAtMs > nowMs) return { userId, online: true }
      const lastSeenMs = endsAtMs ?? seenMsOf[index]
      return { userId, online: false, ...(lastSeenMs !== undefined && { lastSeenMs }) }
    })
  }

  watch(changed: (state: PresenceState) => void): () => void {
    this.#watchers.add(changed)
    return () => this.#watchers.delete(changed)
  }

  close(): void {
    clearInterval(this.#timer)
    for (const end of this.#ends) end()
  }

  /** Never rejects. */
  async #look(): Promise<void> {
    if (!this.#client.connected) return
    const { channel, present, sessionsOf, seenOf } = presenceKeys(this.#client)
    try {
      const parameters = [channel, sessionsOf(''), seenOf(''), USERS_PER_SWEEP]
      await this.#client.runScript(SWEEP_PRESENCE, [present], parameters)
      if (await this.#isForgotten()) await this.#restore()
    } catch {
      // The client has told of it; the next turn looks again.
    }
  }

  /** Asked about one session that cannot have ended. */
  async #isForgotten(): Promise<boolean> {
    const laterMs = this.#clock.elapsedMs() + SWEEP_INTERVAL_MS
    for (const [sessionId, { userId, endsAtMs }] of this.#own) {
      if (endsAtMs < laterMs) continue
      const key = presenceKeys(this.#client).sessionsOf(userId)
      const [score] = await this.#client.run([['ZSCORE', key, sessionId]])
      return score === null && this.#own.has(sessionId)
    }
    return false
  }

  /** Never rejects. */
  async #restore(): Promise<void> {
    const nowMs = this.#clock.elapsedMs()
    const changes: PresenceChange[] = []
    for (const [sessionId, { userId, endsAtMs }] of this.#own) {
      const lifetimeMs = Math.ceil(endsAtMs - nowMs)
      if (lifetimeMs > 0) changes.push({ userId, sessionId, lifetimeMs })
      else this.#own.delete(sessionId)
    }
    try {
      await this.#changes.add(...changes)
    } catch {
      // It is lost again; each session says again that it is there.
    }
  }

  #tell(message: string): void {
    for (const state of parseStates(message)) for (const changed of this.#watchers) changed(state)
  }
}

export function openRedisPresence(options: RedisPresenceOptions): RedisPresence {
  return new RedisPresence(options)
}

function parseNumbers(answer: unknown): readonly (number | undefined)[] {
  const values: readonly unknown[] = Array.isArray(answer) ? answer : []
  return values.map((value) => (value === null ? undefined : Math.floor(Number(value))))
}

/** None where the message is none of ours. */
function parseStates(message: string): readonly PresenceState[] {
  try {
    const values: unknown = JSON.parse(message)
    const states: readonly unknown[] = Array.isArray(values) ? values : []
    return states.map((state) => presenceState.parse(state, 'json'))
  } catch {
    return []
  }
}
