import type { ChildMessage, Derived, DerivedFile } from './derive-request.ts'

const MAX_VARIANTS = 16
export const MAX_FILES_OF_VARIANT = 10_000
const FILE_NAME = /^[a-z0-9]+(?:[-.][a-z0-9]+)*$/
const MAX_DURATION_MS = 1_000 * 60 * 60 * 24 * 365
/** 256 bytes in base64url, padded. */
const MAX_WAVEFORM_CHARACTERS = 344

/**
 * A message of a child, which may be in the hands of the file it opened: checked like any other input.
 * `undefined` for anything else.
 */
export function parseChildMessage(value: unknown): ChildMessage | undefined {
  if (!isRecord(value)) return undefined
  const { kind, message, contentType } = value
  if (kind === 'failed')
    return typeof message === 'string' ? { kind, message: message.slice(0, 1_000) } : undefined
  if (kind === 'sniffed') return isContentType(contentType) ? { kind, contentType } : undefined
  if (kind === 'ready') return { kind }
  const derived = kind === 'derived' ? parseDerived(value['derived']) : undefined
  return derived === undefined ? undefined : { kind: 'derived', derived }
}

function parseDerived(value: unknown): Derived | undefined {
  if (!isRecord(value) || !Array.isArray(value['files'])) return undefined
  const { keepsOriginal } = value
  const facts = parseFacts(value)
  const files = value['files'].map(parseFile)
  const made = files.filter((file) => file !== undefined)
  const isWellFormed = files.length <= MAX_VARIANTS && made.length === files.length
  if (facts === undefined || typeof keepsOriginal !== 'boolean' || !isWellFormed) return undefined
  return { ...facts, keepsOriginal, files: made }
}

function parseFacts(
  value: Readonly<Record<string, unknown>>,
): Omit<Derived, 'files' | 'keepsOriginal'> | undefined {
  const { contentType, width, height, durationMs, thumbhash, waveform, reason } = value
  const isWellFormed =
    isContentType(contentType) &&
    isSizeOrAbsent(width) &&
    isSizeOrAbsent(height) &&
    isDurationOrAbsent(durationMs) &&
    isTextOrAbsent(thumbhash, 64) &&
    isTextOrAbsent(waveform, MAX_WAVEFORM_CHARACTERS) &&
    isTextOrAbsent(reason, 64)
  if (!isWellFormed) return undefined
  return { contentType, width, height, durationMs, thumbhash, waveform, reason }
}

function parseFile(value: unknown): DerivedFile | undefined {
  if (!isRecord(value)) return undefined
  const { variant, contentType, width, height, fileNames } = value
  if (typeof variant !== 'string' || !/^[a-z0-9]{1,32}$/.test(variant)) return undefined
  if (!isContentType(contentType) || !isSizeOrAbsent(width) || !isSizeOrAbsent(height)) {
    return undefined
  }
  if (fileNames === undefined) return { variant, contentType, width, height }
  return areFileNames(fileNames) ? { variant, contentType, width, height, fileNames } : undefined
}

/** Flat, and of nothing that a path could be made of. */
function areFileNames(value: unknown): value is readonly string[] {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.length <= MAX_FILES_OF_VARIANT &&
    value.every((name) => typeof name === 'string' && FILE_NAME.test(name) && name.length <= 64)
  )
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

function isDurationOrAbsent(value: unknown): value is number | undefined {
  if (value === undefined) return true
  return Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) <= MAX_DURATION_MS
}

function isTextOrAbsent(value: unknown, max: number): value is string | undefined {
  return value === undefined || (typeof value === 'string' && value.length <= max)
}
