import type { Log, Settings } from '@satchel/chat-core/runtime'
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

/**
 * Asks the scanner about nothing, once at start, and warns when it has no verdict even of that: every upload waits
 * for it, unseen. The start does not; the returned function ends the asking.
 */
export function warnWithoutScanner(scanner: Scanner, log: Pick<Log, 'warn'>): () => void {
  const trial = scanner.open()
  let isOver = false
  trial.finish().catch((error: unknown) => {
    if (isOver) return
    const { name } = scanner
    log.warn({ scanner: name, error }, 'the scanner does not answer: uploads wait until it does')
  })
  return () => {
    isOver = true
    trial.cancel()
  }
}
