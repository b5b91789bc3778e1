import type { Scanner } from '../scanner.ts'
import type { ClamdAddress } from './clamd-address.ts'
import { ClamdScan, type ClamdTimes } from './clamd-scan.ts'

export interface ClamdScannerOptions {
  readonly address: ClamdAddress
  readonly times?: ClamdTimes | undefined
}

const DEFAULT_TIMES: ClamdTimes = { idleMs: 30_000, verdictMs: 120_000 }

/**
 * A clamd over its socket (`INSTREAM`): bytes go past it as they are read, so that it needs no access to
 * where they lie. Everything but a clear answer (down, slow, a limit of its own) is no verdict.
 */
export function createClamdScanner({
  address,
  times = DEFAULT_TIMES,
}: ClamdScannerOptions): Scanner {
  return { name: 'clamd', open: () => new ClamdScan(address, times) }
}
