import type { Clock } from '../../ports/clock.ts'
import type { QuotaWindows } from '../../ports/quota-windows.ts'
import { LocalQuotaWindows } from '../local-quota-windows.ts'

export interface EmbeddedQuotaWindowsOptions {
  readonly clock: Clock
}

/** What was used, in the memory of the one process there is. */
export function openEmbeddedQuotaWindows({ clock }: EmbeddedQuotaWindowsOptions): QuotaWindows {
  return new LocalQuotaWindows(clock)
}
