import type { Settings } from '@satchel/chat-core/runtime'
import { parseClamdAddress } from './clamd/clamd-address.ts'
import { createClamdScanner } from './clamd/clamd-scanner.ts'
import { noScanner, type Scanner } from './scanner.ts'

/** The scanner that settings ask for. */
export function createScanner({ scanner, clamd }: Pick<Settings, 'scanner' | 'clamd'>): Scanner {
  switch (scanner) {
    case 'none':
      return noScanner
    case 'clamd':
      return createClamdScanner({ address: parseClamdAddress(clamd) })
    default:
      return scanner satisfies never
  }
}
