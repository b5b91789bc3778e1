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
  const folder = objectFolderIn(dataDir)
  const { objects, uploads, temporary } = folder
  await rm(temporary, { recursive: true, force: true })
  for (const path of [objects, uploads, temporary]) await mkdir(path, { recursive: true })
  return folder
}

/** That of a data folder which is only read: nothing in it is made, or emptied. Throws an `Error` that names what is not there. */
export async function requireObjectFolder(dataDir: string): Promise<ObjectFolder> {
  const folder = objectFolderIn(dataDir)
  const entry = await stat(folder.objects).catch((error: unknown) => {
    if (isMissing(error)) return undefined
    throw error
  })
  if (entry?.isDirectory() !== true) throw new Error(`there is no folder ${folder.objects}`)
  return folder
}

function objectFolderIn(dataDir: string): ObjectFolder {
  const root = join(dataDir, 'media')
  const objects = join(root, 'objects')
  return {
    objects,
    tree: new FolderTree(objects),
    uploads: join(root, 'uploads'),
    temporary: join(root, 'temporary'),
  }
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
