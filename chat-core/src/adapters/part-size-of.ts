import type { StagedUpload } from '../ports/upload-target.ts'

/** How many bytes a part of an upload has: the last one what is left, a whole (part 0) everything. */
export function partSizeOf(
  { partCount, partBytes, sizeBytes }: StagedUpload,
  part: number,
): number {
  if (partCount === 0) return sizeBytes
  return part < partCount ? partBytes : sizeBytes - partBytes * (partCount - 1)
}
