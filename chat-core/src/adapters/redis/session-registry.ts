import { randomBytes } from 'node:crypto'
import type { SessionRegistry } from '../../ports/session-registry.ts'
import type { MonotonicClock } from '../../runtime/monotonic-clock.ts'
import { LocatedSessions } from './located-sessions.ts'
import { OwnSessions } from './own-sessions.ts'
import type { RedisClient } from './redis-client.ts'

export interface SessionRegistryTelemetry {
  /** Redis had forgotten sessions of this process, or may have: all are there again. */
  sessionsRestored(sessions: number): void
}

export interface RedisSessionRegistryOptions {
  readonly client: RedisClient
  readonly clock: MonotonicClock
  readonly telemetry: SessionRegistryTelemetry
}

export interface RedisSessionRegistry extends SessionRegistry {
  /** Ends the heartbeats, and with them all that this process has registered. */
  close(): Promise<void>
}

/** Sessions in Redis, which may forget them at any time. */
export function openRedisSessionRegistry(
  options: RedisSessionRegistryOptions,
): RedisSessionRegistry {
  const { client, clock, telemetry } = options
  const gapWatchers = new Set<() => void>()
  const located = new LocatedSessions({ client, clock })
  const own = new OwnSessions({
    client,
    bootId: randomBytes(9).toString('base64url'),
    restored: (sessions) => {
      telemetry.sessionsRestored(sessions)
      for (const gap of gapWatchers) gap()
    },
  })
  return {
    crossProcess: true,
    async register(entry) {
      await own.register(entry)
      located.forget(entry.userId)
    },
    async unregister(entry) {
      await own.unregister(entry)
      located.forget(entry.userId)
    },
    locate: (userIds) => located.locate(new Set(userIds)),
    watchGaps(gap) {
      gapWatchers.add(gap)
      return () => gapWatchers.delete(gap)
    },
    close: () => own.close(),
  }
}
