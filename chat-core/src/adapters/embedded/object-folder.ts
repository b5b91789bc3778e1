import type { BigIntStats } from 'node:fs'
import { mkdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { ObjectFacts, StoredObject } from '../../ports/object-store.ts'
import { fileError, isMissing } from './durable-file.ts'
import { FolderTree } from './folder-tree.ts'

/** Where files lie; every move between these folders is a rename on one file system. */
export interface ObjectFolder {
  readonly objects: string
  /** That of `objects`: whatever is placed there or removed goes through it. */
  readonly tree: FolderTree
  readonly uploads: string
  /** Files not finished; emptied when opened. */
  readonly temporary: string
}

export async function openObjectFolder(dataDir: string): Promise<ObjectFolder> {
  const root = join(dataDir, 'media')
  const objects = join(root, 'objects')
  const uploads = join(root, 'uploads')
  const temporary = join(root, 'temporary')
  await rm(temporary, { recursive: true, force: true })
  for (const path of [objects, uploads, temporary]) await mkdir(path, { recursive: true })
  return { objects, tree: new FolderTree(objects), uploads, temporary }
}

const KEY = /^[\w-][\w.-]*(?:\/[\w-][\w.-]*)*$/

export function objectPath(folder: ObjectFolder, key: string): string {
  // Keys come from us; one that leaves the folder would be a fault worth stopping for.
  if (!KEY.test(key)) throw new Error(`not a key of an object: ${key}`)
  return join(folder.objects, key)
}

export async function readObjectFacts(path: string): Promise<StoredObject | undefined> {
  try {
    const stats = await stat(path, { bigint: true })
    // A second name for the same file changes this time, and not that of its bytes.
    return { ...objectFactsOf(stats), modifiedMs: Number(stats.ctimeMs) }
  } catch (error) {
    if (isMissing(error)) return undefined
    throw fileError(error)
  }
}

/** A file is never changed in place, so inode, time and size name its bytes. */
export function objectFactsOf({ ino, mtimeNs, size }: BigIntStats): ObjectFacts {
  const etag = [ino, mtimeNs, size].map((part) => part.toString(36)).join('-')
  return { sizeBytes: Number(size), etag }
}
