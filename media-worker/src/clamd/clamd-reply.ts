import type { ScanVerdict } from '../scanner.ts'

const CLEAN = 'stream: OK'
const FOUND = /^stream: (.+) FOUND$/
/** How clamd names what it has not looked at to the end (`AlertExceedsMax`): that is no verdict. */
const LIMIT = 'Heuristics.Limits.Exceeded'

/** What clamd says of a stream, without the NUL at its end. Throws when that is no certain verdict. */
export function parseClamdReply(reply: string): ScanVerdict {
  if (reply === CLEAN) return { kind: 'clean' }
  const signature = FOUND.exec(reply)?.[1]
  if (signature === undefined || signature.startsWith(LIMIT))
    throw new Error(`clamd has no verdict: ${reply.slice(0, 200)}`)
  return { kind: 'malicious', signature }
}
