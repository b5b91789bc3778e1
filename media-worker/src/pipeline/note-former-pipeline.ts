import type { BlobKey } from '@satchel/protocol'
import type { WorkerDeps } from '../worker-deps.ts'

/**
 * Leaves word that what a version of the pipeline made is there and is, or will be, of no more use: upkeep sees to
 * it that nobody has it any more, and then removes it.
 */
export async function noteFormerPipeline(
  { blobs, clock }: Pick<WorkerDeps, 'blobs' | 'clock'>,
  key: BlobKey,
  version: number,
): Promise<void> {
  for (;;) {
    const row = await blobs.read(key)
    if (row === undefined || row.state === 'deleting') return
    const versions = [...new Set([...(row.former?.versions ?? []), version])]
    if (await blobs.replaceFormer(row, { versions, sinceMs: clock.nowMs() })) return
  }
}
