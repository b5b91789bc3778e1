import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { objectKeyOf } from '@satchel/chat-core'
import type { BlobKey, Variant } from '@satchel/protocol'
import type { DerivedFile } from '../sandbox/derive-request.ts'
import type { WorkerDeps } from '../worker-deps.ts'
import { PIPELINE_VERSION } from './pipeline-version.ts'

/** In pieces of 64 KB what is made of a photo, 4 MB, takes 40 ms of CPU on its way to the store, in these 26. */
const CHUNK_BYTES = 1024 * 1024

/** Stores what a child left in its folder under a variant's name: a file, or a folder of files. */
export async function storeVariant(
  deps: Pick<WorkerDeps, 'objects'>,
  blob: BlobKey,
  { variant, contentType, width, height, fileNames }: DerivedFile,
  outputFolder: string,
): Promise<Variant> {
  const names = fileNames?.map((name) => `${variant}/${name}`) ?? [variant]
  let sizeBytes = 0
  for (const name of names) {
    const key = objectKeyOf({ blob, pipelineVersion: PIPELINE_VERSION, variant: name })
    sizeBytes += await storeFile(deps, key, join(outputFolder, name))
  }
  return { name: variant, contentType, sizeBytes, width, height }
}

async function storeFile(
  { objects }: Pick<WorkerDeps, 'objects'>,
  key: string,
  path: string,
): Promise<number> {
  // A child in foreign hands could have left a link to something else, or a pipe whose opening waits for ever.
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
  const file = await open(path, flags)
  try {
    const stats = await file.stat()
    if (!stats.isFile()) throw new Error(`the sandbox left no file for ${key}`)
    const bytes = file.createReadStream({ start: 0, autoClose: false, highWaterMark: CHUNK_BYTES })
    await objects.put(key, bytes, stats.size)
    return stats.size
  } finally {
    await file.close()
  }
}
