import type { UserId } from '@satchel/protocol'
import type { RedisClient } from './redis-client.ts'

// A user's sessions are a hash: session → place. A gateway's heartbeat is a key of its own that holds the boot id of its
// process, and ends by itself: one write every two seconds for a gateway, however many sessions it has.

type Keys = Pick<RedisClient, 'key'>

/** Where a session is. It counts while the gateway's heartbeat names the same boot. */
export interface SessionPlace {
  readonly gatewayId: string
  readonly bootId: string
}

export function sessionsKey(keys: Keys, userId: UserId): string {
  return keys.key('sessions', userId)
}

export function gatewayKey(keys: Keys, gatewayId: string): string {
  return keys.key('gateway', gatewayId)
}

export function formatPlace({ gatewayId, bootId }: SessionPlace): string {
  return `${bootId} ${gatewayId}`
}

export function parsePlace(text: string): SessionPlace {
  const divider = text.indexOf(' ')
  return { bootId: text.slice(0, divider), gatewayId: text.slice(divider + 1) }
}
