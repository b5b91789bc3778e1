import { open } from 'node:fs/promises'
import { blobObjectKey } from '@satchel/chat-core'
import type { BlobKey } from '@satchel/protocol'
import type { WorkerDeps } from '../worker-deps.ts'

/** Writes the bytes of a blob to a new file. Rejects when they are not there. */
export async function downloadBlob(
  { objects }: Pick<WorkerDeps, 'objects'>,
  blob: BlobKey,
  path: string,
): Promise<void> {
  const object = await objects.read(blobObjectKey(blob))
  if (object === undefined) throw new Error(`the bytes of ${blob} are not there`)
  const file = await open(path, 'wx')
  try {
    for await (const chunk of object.body) await file.writeFile(chunk)
  } finally {
    await file.close()
  }
}
