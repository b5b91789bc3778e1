/** What a sandboxed child is asked: look at a file, make what can be made of it. */
export interface DeriveRequest {
  readonly inputPath: string
  /** Empty; the child writes each file it makes here, under the variant's name. */
  readonly outputFolder: string
  /** False when decoding it has killed a child before: it is only looked at from outside. */
  readonly decode: boolean
}

export interface DerivedFile {
  readonly variant: string
  readonly contentType: string
  readonly width?: number | undefined
  readonly height?: number | undefined
}

/** What a child found out and made. */
export interface Derived {
  /** By content. */
  readonly contentType: string
  readonly width?: number | undefined
  readonly height?: number | undefined
  /** base64url */
  readonly thumbhash?: string | undefined
  /** The whole file may be handed out as it came: nothing in it needs to be taken out. */
  readonly keepsOriginal: boolean
  readonly files: readonly DerivedFile[]
  /** Why there are no previews although the type has some. */
  readonly reason?: string | undefined
}

export type ChildMessage =
  | { readonly kind: 'ready'; readonly rssBytes: number }
  | { readonly kind: 'derived'; readonly derived: Derived; readonly rssBytes: number }
  /** The child itself failed, not the file. */
  | { readonly kind: 'failed'; readonly message: string }

const MAX_FILES = 16

/**
 * A message of a child, which may be in the hands of the file it opened: checked like any other input.
 * `undefined` for anything else.
 */
export function parseChildMessage(value: unknown): ChildMessage | undefined {
  if (!isRecord(value)) return undefined
  const { kind, rssBytes, message } = value
  if (kind === 'failed') return typeof message === 'string' ? { kind, message } : undefined
  if (typeof rssBytes !== 'number') return undefined
  if (kind === 'ready') return { kind, rssBytes }
  const derived = kind === 'derived' ? parseDerived(value['derived']) : undefined
  return derived === undefined ? undefined : { kind: 'derived', derived, rssBytes }
}

function parseDerived(value: unknown): Derived | undefined {
  if (!isRecord(value) || !Array.isArray(value['files'])) return undefined
  const { contentType, width, height, thumbhash, keepsOriginal, reason } = value
  const files = value['files'].map(parseFile)
  const isWellFormed =
    isContentType(contentType) &&
    isSizeOrAbsent(width) &&
    isSizeOrAbsent(height) &&
    isTextOrAbsent(thumbhash, 64) &&
    isTextOrAbsent(reason, 64) &&
    typeof keepsOriginal === 'boolean'
  if (!isWellFormed || files.length > MAX_FILES || files.includes(undefined)) return undefined
  const made = files.filter((file) => file !== undefined)
  return { contentType, width, height, thumbhash, keepsOriginal, files: made, reason }
}

function parseFile(value: unknown): DerivedFile | undefined {
  if (!isRecord(value)) return undefined
  const { variant, contentType, width, height } = value
  if (typeof variant !== 'string' || !/^[a-z0-9]{1,32}$/.test(variant)) return undefined
  if (!isContentType(contentType) || !isSizeOrAbsent(width) || !isSizeOrAbsent(height)) {
    return undefined
  }
  return { variant, contentType, width, height }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function isContentType(value: unknown): value is string {
  return typeof value === 'string' && /^[\w.+-]+\/[\w.+-]+$/.test(value) && value.length <= 127
}

function isSizeOrAbsent(value: unknown): value is number | undefined {
  return value === undefined || (Number.isSafeInteger(value) && Number(value) > 0)
}

function isTextOrAbsent(value: unknown, max: number): value is string | undefined {
  return value === undefined || (typeof value === 'string' && value.length <= max)
}
