import type { DeviceId, SessionId, UserId } from '@satchel/protocol'

export interface SessionEntry {
  readonly sessionId: SessionId
  readonly userId: UserId
  readonly deviceId: DeviceId
  readonly gatewayId: string
}

export interface LocatedUsers {
  /** For each gateway with sessions of any of these users: which of them. */
  readonly usersAt: ReadonlyMap<string, readonly UserId[]>
  /** False where nobody could say of some: then `usersAt` is what was known of them lately. */
  readonly isComplete: boolean
}

/**
 * Which gateways hold sessions of whom. A hint: entries may be missing or stale for a while
 * (`crossProcess`), and delivery never depends on it for correctness.
 *
 * - `unregister` removes that session only, never a newer one of the same device.
 * - A `register` that rejects is made good by itself once that is possible, as if the entry had been lost.
 * - Entries of a gateway that died disappear with it; those of one that lives come back by themselves
 *   when the registry lost them.
 * - `watchGaps` calls back each time entries of this process may have been missing: once they are back.
 *   The returned function ends it.
 */
export interface SessionRegistry {
  readonly crossProcess: boolean
  register(entry: SessionEntry): Promise<void>
  unregister(entry: SessionEntry): Promise<void>
  /** Never rejects. */
  locate(userIds: Iterable<UserId>): Promise<LocatedUsers>
  watchGaps(gap: () => void): () => void
}
