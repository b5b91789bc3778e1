import type { SessionId, UserId } from '@satchel/protocol'
import type { SessionRegistry } from '../../ports/session-registry.ts'

const NOWHERE: readonly Place[] = []

interface Place {
  readonly gatewayId: string
  readonly sessions: Set<SessionId>
}

/** Sessions of this process, exactly. */
export function openEmbeddedSessionRegistry(): SessionRegistry {
  // Every event asks for all its readers: a list each, since iterators would be most of what asking allocates.
  const placesOfUser = new Map<UserId, readonly Place[]>()

  function placeOf(userId: UserId, gatewayId: string): Place | undefined {
    return placesOfUser.get(userId)?.find((place) => place.gatewayId === gatewayId)
  }

  return {
    crossProcess: false,
    async register({ sessionId, userId, gatewayId }) {
      const place = placeOf(userId, gatewayId)
      if (place !== undefined) {
        place.sessions.add(sessionId)
        return
      }
      const others = placesOfUser.get(userId) ?? []
      placesOfUser.set(userId, [...others, { gatewayId, sessions: new Set([sessionId]) }])
    },
    async unregister({ sessionId, userId, gatewayId }) {
      const place = placeOf(userId, gatewayId)
      place?.sessions.delete(sessionId)
      if (place?.sessions.size !== 0) return
      const others = (placesOfUser.get(userId) ?? []).filter((one) => one !== place)
      if (others.length > 0) placesOfUser.set(userId, others)
      else placesOfUser.delete(userId)
    },
    async locate(userIds) {
      const usersAt = new Map<string, UserId[]>()
      for (const userId of userIds) {
        for (const { gatewayId } of placesOfUser.get(userId) ?? NOWHERE) {
          const users = usersAt.get(gatewayId)
          if (users === undefined) usersAt.set(gatewayId, [userId])
          else users.push(userId)
        }
      }
      return { usersAt, isComplete: true }
    },
    watchGaps: () => () => undefined,
  }
}
