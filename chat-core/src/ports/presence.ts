import type { PresenceState, SessionId, UserId } from '@satchel/protocol'

/** Who is there. Lost with the process or service that keeps it; a session counts until its lifetime ends. */
export interface Presence {
  /** The session is there for the next `lifetimeMs`; called again to stay. */
  arrive(userId: UserId, sessionId: SessionId, lifetimeMs: number): Promise<void>
  leave(userId: UserId, sessionId: SessionId): Promise<void>
  /** In the order asked. */
  read(userIds: readonly UserId[]): Promise<readonly PresenceState[]>
  /** Calls back when a user comes or goes; the returned function ends it. */
  watch(changed: (state: PresenceState) => void): () => void
}
