import { ChatError, type UserId } from '@satchel/protocol'
import type { GatewayBus, SessionRegistry } from '@satchel/chat-core/ports'
import { waitOut } from './back-off.ts'

export interface EndSessionsDeps {
  readonly bus: Pick<GatewayBus, 'broadcast' | 'connected'>
  readonly registry: Pick<SessionRegistry, 'locate'>
}

const DELAY = { baseMs: 10, capMs: 1_000 }
/** Some five seconds: what is known of where somebody is may be two seconds old. */
const ATTEMPTS = 11

/**
 * Ends every session of the user. The bus may lose the word, so it is given until no gateway has any; rejects
 * with `unavailable` when some may be left.
 */
export async function endSessions(
  { bus, registry }: EndSessionsDeps,
  userId: UserId,
): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (!bus.connected) break
    bus.broadcast({ type: 'end_sessions', userId })
    const { usersAt, isComplete } = await registry.locate([userId])
    if (isComplete && usersAt.size === 0) return
    await waitOut(DELAY, attempt)
  }
  throw new ChatError('unavailable', `some sessions of ${userId} may still be there; try again`)
}
