import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { blobObjectKey } from '@satchel/chat-core'
import type { BlobKey } from '@satchel/protocol'
import { ScanUndecided, type ScanVerdict } from '../scanner.ts'
import type { WorkerDeps } from '../worker-deps.ts'

export interface ReadBytes {
  /** base64url */
  readonly sha256: string
  readonly sizeBytes: number
  readonly verdict: ScanVerdict
}

/**
 * The one read of an upload: hashed, scanned, and laid down at `path` for the sandbox. Rejects with
 * `ScanUndecided` when the scanner has no certain verdict, or otherwise when the bytes are not there.
 */
export async function readOnce(
  { objects, scanner }: Pick<WorkerDeps, 'objects' | 'scanner'>,
  blob: BlobKey,
  path: string,
): Promise<ReadBytes> {
  const object = await objects.read(blobObjectKey(blob))
  if (object === undefined) throw new Error(`the bytes of ${blob} are not there`)
  const hash = createHash('sha256')
  const scan = scanner.open()
  const undecided = (error: unknown): never => {
    throw new ScanUndecided(scanner.name, error)
  }
  const file = await open(path, 'wx')
  let sizeBytes = 0
  try {
    for await (const chunk of object.body) {
      sizeBytes += chunk.length
      hash.update(chunk)
      await scan.write(chunk).catch(undecided)
      await file.writeFile(chunk)
    }
    const verdict = await scan.finish().catch(undecided)
    return { sha256: hash.digest('base64url'), sizeBytes, verdict }
  } catch (error) {
    scan.cancel()
    throw error
  } finally {
    await file.close()
  }
}
