import type { SessionId, UserId } from '@satchel/protocol'
import type { SessionRegistry } from '../../ports/session-registry.ts'

/** Sessions of this process, exactly. */
export function openEmbeddedSessionRegistry(): SessionRegistry {
  const gatewaysOfUser = new Map<UserId, Map<string, Set<SessionId>>>()
  return {
    crossProcess: false,
    async register({ sessionId, userId, gatewayId }) {
      const gateways = gatewaysOfUser.get(userId) ?? new Map<string, Set<SessionId>>()
      gatewaysOfUser.set(userId, gateways)
      const sessions = gateways.get(gatewayId) ?? new Set<SessionId>()
      gateways.set(gatewayId, sessions)
      sessions.add(sessionId)
    },
    async unregister({ sessionId, userId, gatewayId }) {
      const gateways = gatewaysOfUser.get(userId)
      const sessions = gateways?.get(gatewayId)
      if (gateways === undefined || sessions === undefined) return
      sessions.delete(sessionId)
      if (sessions.size === 0) gateways.delete(gatewayId)
      if (gateways.size === 0) gatewaysOfUser.delete(userId)
    },
    async locate(userIds) {
      const usersAt = new Map<string, UserId[]>()
      for (const userId of userIds) {
        for (const gatewayId of gatewaysOfUser.get(userId)?.keys() ?? []) {
          const users = usersAt.get(gatewayId)
          if (users === undefined) usersAt.set(gatewayId, [userId])
          else users.push(userId)
        }
      }
      return usersAt
    },
    watchGaps: () => () => undefined,
  }
}
