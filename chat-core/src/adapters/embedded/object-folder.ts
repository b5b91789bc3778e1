import type { BigIntStats } from 'node:fs'
import { mkdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { ObjectFacts } from '../../ports/object-store.ts'
import { isMissing } from './durable-file.ts'

/** Where files lie; every move between these folders is a rename on one file system. */
export interface ObjectFolder {
  readonly objects: string
  readonly uploads: string
  /** Files not finished; emptied when opened. */
  readonly temporary: string
}

export async function openObjectFolder(dataDir: string): Promise<ObjectFolder> {
  const root = join(dataDir, 'media')
  const folder = {
    objects: join(root, 'objects'),
    uploads: join(root, 'uploads'),
    temporary: join(root, 'temporary'),
  }
  await rm(folder.temporary, { recursive: true, force: true })
  for (const path of Object.values(folder)) await mkdir(path, { recursive: true })
  return folder
}

const KEY = /^[\w-][\w.-]*(?:\/[\w-][\w.-]*)*$/

export function objectPath(folder: ObjectFolder, key: string): string {
  // Keys come from us; one that leaves the folder would be a fault worth stopping for.
  if (!KEY.test(key)) throw new Error(`not a key of an object: ${key}`)
  return join(folder.objects, key)
}

export async function readObjectFacts(path: string): Promise<ObjectFacts | undefined> {
  try {
    return objectFactsOf(await stat(path, { bigint: true }))
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

/** A file is never changed in place, so inode, time and size name its bytes. */
export function objectFactsOf({ ino, mtimeNs, size }: BigIntStats): ObjectFacts {
  const etag = [ino, mtimeNs, size].map((part) => part.toString(36)).join('-')
  return { sizeBytes: Number(size), etag }
}
