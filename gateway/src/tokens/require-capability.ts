import { ChatError } from '@satchel/protocol'
import type { Capability, Identity } from './identity.ts'

export function requireCapability(
  identity: Pick<Identity, 'capabilities'>,
  needed: Capability | undefined,
): void {
  if (needed === undefined || identity.capabilities.has(needed)) return
  throw new ChatError('forbidden', `the token does not carry the capability ${needed}`)
}
