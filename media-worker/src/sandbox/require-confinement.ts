import { ChatError } from '@satchel/protocol'
import type { Confinement } from './confinement.ts'

/** Throws where children would be less confined than they can be, and says what may be done about it. */
export function requireConfinement({ missing }: Pick<Confinement, 'missing'>): void {
  if (missing.length === 0) return
  throw new ChatError(
    'unavailable',
    `this machine does not confine what opens uploads (missing: ${missing.join(', ')}). Permit user namespaces, ` +
      'or, where something else confines this process, set SATCHEL_SANDBOX=best-effort',
  )
}
