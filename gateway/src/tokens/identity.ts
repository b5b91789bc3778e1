import type { UserId } from '@satchel/protocol'

/** What a token may be limited to; a token without the claim may do all of it. Reading is always allowed. */
export const CAPABILITIES = ['send', 'create', 'manage', 'upload', 'profile'] as const
export type Capability = (typeof CAPABILITIES)[number]

/** Who a token speaks for, until when, and for what. */
export interface Identity {
  readonly userId: UserId
  /** Time of day in milliseconds; the session ends some time after it. */
  readonly expiresAtMs: number
  readonly capabilities: ReadonlySet<Capability>
}

/** Of whoever is not limited; shared, as most are not. */
export const ALL_CAPABILITIES: ReadonlySet<Capability> = new Set(CAPABILITIES)
