import type { PresenceState, SessionId, UserId } from '@satchel/protocol'
import type { Clock } from '../../ports/clock.ts'
import type { Presence } from '../../ports/presence.ts'

export interface EmbeddedPresenceOptions {
  readonly clock: Clock
  /** How often sessions whose lifetime ended are looked for. */
  readonly sweepIntervalMs?: number | undefined
}

export interface EmbeddedPresence extends Presence {
  close(): void
}

const MAX_REMEMBERED = 100_000

/** Presence in this process's memory. */
export function openEmbeddedPresence({
  clock,
  sweepIntervalMs = 1_000,
}: EmbeddedPresenceOptions): EmbeddedPresence {
  const endsOfUser = new Map<UserId, Map<SessionId, number>>()
  const lastSeen = new Map<UserId, number>()
  const watchers = new Set<(state: PresenceState) => void>()
  const timer = setInterval(sweep, sweepIntervalMs)
  timer.unref()

  function sweep(): void {
    const now = clock.nowMs()
    for (const [userId, ends] of endsOfUser) {
      for (const [sessionId, endsAt] of ends) if (endsAt <= now) end(userId, sessionId, endsAt)
    }
  }

  function end(userId: UserId, sessionId: SessionId, atMs: number): void {
    const ends = endsOfUser.get(userId)
    if (ends?.delete(sessionId) !== true || ends.size > 0) return
    endsOfUser.delete(userId)
    lastSeen.delete(userId)
    lastSeen.set(userId, atMs)
    for (const oldest of lastSeen.keys()) {
      if (lastSeen.size <= MAX_REMEMBERED) break
      lastSeen.delete(oldest)
    }
    tell(userId)
  }

  function stateOf(userId: UserId): PresenceState {
    const now = clock.nowMs()
    const ends = [...(endsOfUser.get(userId)?.values() ?? [])]
    if (ends.some((endsAt) => endsAt > now)) return { userId, online: true }
    const seenMs = ends.length > 0 ? Math.max(...ends) : lastSeen.get(userId)
    return { userId, online: false, ...(seenMs !== undefined && { lastSeenMs: seenMs }) }
  }

  function tell(userId: UserId): void {
    for (const changed of watchers) changed(stateOf(userId))
  }

  return {
    async arrive(userId, sessionId, lifetimeMs) {
      const wasOnline = stateOf(userId).online
      const ends = endsOfUser.get(userId) ?? new Map<SessionId, number>()
      endsOfUser.set(userId, ends)
      ends.set(sessionId, clock.nowMs() + lifetimeMs)
      if (!wasOnline) tell(userId)
    },
    async leave(userId, sessionId) {
      end(userId, sessionId, clock.nowMs())
    },
    async read(userIds) {
      return userIds.map(stateOf)
    },
    watch(changed) {
      watchers.add(changed)
      return () => watchers.delete(changed)
    },
    close() {
      clearInterval(timer)
    },
  }
}
