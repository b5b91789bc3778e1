import { parseReprocess, type ReprocessCommand } from './parse-reprocess.ts'

export type ReconcileCommand =
  | { readonly kind: 'report' | 'repair' | 'scan'; readonly json: boolean }
  | { readonly kind: 'retry'; readonly attachment: string }
  | { readonly kind: 'allow'; readonly sha256: string }
  | ReprocessCommand

const SHA256 = /^[\w-]{43}$/
const HEX_SHA256 = /^[0-9a-f]{64}$/i

const USAGE = `npm run reconcile -- report [--json]    what catalogue and bucket do not agree on
npm run reconcile -- repair [--json]    the same, and does about it what can be done
npm run reconcile -- scan [--json]      reads every stored byte, and restores what is damaged
npm run reconcile -- retry ATTACHMENT   has a failed attachment judged, or its HLS made, once more
npm run reconcile -- allow SHA256       accepts content again that was taken for malware
npm run reconcile -- reprocess          has files that are shown described anew, those to which all applies of
    [--kind image|video|audio|other] [--older-than-version N] [--reason WHY]
    [--per-second 10] [--after BLOB] [--json]`

/** What the command line asks for. Throws with the usage. */
export function parseReconcileCommand(line: readonly string[]): ReconcileCommand {
  const [kind, of, ...rest] = line
  if (kind === 'reprocess') return parseReprocess(line.slice(1))
  if (rest.length > 0) throw new Error(USAGE)
  if ((kind === 'report' || kind === 'repair' || kind === 'scan') && isJsonFlag(of))
    return { kind, json: of !== undefined }
  // An id may begin with a hyphen: nothing after the verb is an option.
  if (kind === 'retry' && of !== undefined) return { kind, attachment: of }
  if (kind === 'allow' && of !== undefined) return { kind, sha256: parseSha256(of) }
  throw new Error(USAGE)
}

function isJsonFlag(word: string | undefined): boolean {
  return word === undefined || word === '--json'
}

/** As tools write it, or as it is stored. */
function parseSha256(text: string): string {
  if (HEX_SHA256.test(text)) return Buffer.from(text, 'hex').toString('base64url')
  if (SHA256.test(text)) return text
  throw new Error(`not a SHA-256: ${text}`)
}
