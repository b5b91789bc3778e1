import { parseArgs } from 'node:util'
import { parseBlobKey, type BlobKey } from '@satchel/protocol'

/** As the type says that was found in the bytes. */
export type BlobKind = 'image' | 'video' | 'audio' | 'other'

/** Which blobs are to be described anew: those to which all that is given applies. */
export interface ReprocessCommand {
  readonly kind: 'reprocess'
  readonly of?: BlobKind | undefined
  /** Described by a pipeline before this one. */
  readonly olderThanVersion?: number | undefined
  /** Why they have no previews, or no HLS. */
  readonly reason?: string | undefined
  /** Goes on behind this one. */
  readonly after?: BlobKey | undefined
  readonly perSecond: number
  readonly json: boolean
}

const BLOB_KINDS: readonly BlobKind[] = ['image', 'video', 'audio', 'other']
const PER_SECOND = 10
const OPTIONS = {
  kind: { type: 'string' },
  'older-than-version': { type: 'string' },
  reason: { type: 'string' },
  after: { type: 'string' },
  'per-second': { type: 'string' },
  json: { type: 'boolean' },
} as const

/** What comes after `reprocess`. Throws unless it says which blobs. */
export function parseReprocess(args: readonly string[]): ReprocessCommand {
  const { values } = parseArgs({ args: [...args], options: OPTIONS, strict: true })
  const command: ReprocessCommand = {
    kind: 'reprocess',
    of: values.kind === undefined ? undefined : parseKind(values.kind),
    olderThanVersion: parseCount('--older-than-version', values['older-than-version']),
    reason: values.reason,
    after: values.after === undefined ? undefined : parseAfter(values.after),
    perSecond: parseCount('--per-second', values['per-second']) ?? PER_SECOND,
    json: values.json ?? false,
  }
  if ((command.of ?? command.olderThanVersion ?? command.reason) === undefined)
    throw new Error('reprocess: say which blobs, by --kind, --older-than-version or --reason')
  return command
}

function parseKind(text: string): BlobKind {
  const kind = BLOB_KINDS.find((one) => one === text)
  if (kind === undefined) throw new Error(`--kind: one of ${BLOB_KINDS.join(', ')}`)
  return kind
}

function parseAfter(text: string): BlobKey {
  const key = parseBlobKey(text)
  if (key === undefined) throw new Error(`--after: not a blob: ${text}`)
  return key
}

function parseCount(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new Error(`${option}: a whole number from 1`)
  return Number(text)
}
