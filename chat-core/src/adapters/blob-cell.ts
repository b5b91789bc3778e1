import { isDeepStrictEqual } from 'node:util'
import type { BlobFacts, BlobRow, FormerPipelines, NewBlob } from '../ports/blob-catalogue.ts'
import { parseCell } from './cell-value.ts'

/** A blob's row, and how many reference rows lie beside it: both change in one step, so the count is never wrong. */
export interface BlobCell {
  readonly row: BlobRow
  readonly referenceCount: number
}

export function newBlobCell(blob: NewBlob): BlobCell {
  return { row: { ...blob, state: 'live' }, referenceCount: 0 }
}

/** With a reference, `isNew` or there already; this makes a condemned blob live again. */
export function withReference(cell: BlobCell, isNew: boolean): BlobCell {
  const { key, sha256, sizeBytes, facts, former } = cell.row
  const row: BlobRow = { key, sha256, sizeBytes, facts, former, state: 'live' }
  return { row, referenceCount: cell.referenceCount + (isNew ? 1 : 0) }
}

/** Without one of its references; without the last one it is condemned. */
export function withoutReference(cell: BlobCell, nowMs: number): BlobCell {
  const referenceCount = cell.referenceCount - 1
  const isLast = referenceCount === 0 && cell.row.state === 'live'
  const row: BlobRow = isLast ? { ...cell.row, state: 'condemned', condemnedMs: nowMs } : cell.row
  return { row, referenceCount }
}

/** `undefined` when what is known comes from a newer pipeline. */
export function withFacts(cell: BlobCell, facts: BlobFacts): BlobCell | undefined {
  if ((cell.row.facts?.pipelineVersion ?? 0) > facts.pipelineVersion) return undefined
  return { ...cell, row: { ...cell.row, facts } }
}

/** `undefined` when something else is noted than `expected` or `former`, or nothing matters any more. */
export function withFormer(
  cell: BlobCell,
  expected: FormerPipelines | undefined,
  former: FormerPipelines | undefined,
): BlobCell | undefined {
  const { row } = cell
  const isExpected = [expected, former].some((noted) => isDeepStrictEqual(row.former, noted))
  return isExpected && row.state !== 'deleting' ? { ...cell, row: { ...row, former } } : undefined
}

/** Whether a deletion may begin now: condemned for long enough. */
export function mayBeginDeletion({ row }: BlobCell, condemnedBeforeMs: number): boolean {
  const { state, condemnedMs = Infinity } = row
  return state === 'condemned' && condemnedMs <= condemnedBeforeMs
}

export function withDeletion(cell: BlobCell): BlobCell {
  return { ...cell, row: { ...cell.row, state: 'deleting' } }
}

export function parseBlobCell(bytes: Uint8Array): BlobCell {
  return parseCell(bytes) as BlobCell
}
