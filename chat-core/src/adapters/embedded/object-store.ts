import { constants } from 'node:fs'
import { copyFile, link, open, readdir, rm, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import type { ObjectFacts, ObjectStore } from '../../ports/object-store.ts'
import { fileError, isMissing, temporaryPath, writeNewFile } from './durable-file.ts'
import { FileBody } from './file-body.ts'
import { objectFactsOf, objectPath, readObjectFacts, type ObjectFolder } from './object-folder.ts'

/** A folder of files: written aside, synced, then renamed to their key. */
export function openEmbeddedObjectStore(folder: ObjectFolder): ObjectStore {
  return {
    async put(key, body, sizeBytes) {
      const temporary = temporaryPath(folder.temporary)
      return guarded(temporary, async () => {
        await writeNewFile(temporary, body, sizeBytes)
        return placeObject(folder, temporary, key)
      })
    },
    head: async (key) => readObjectFacts(objectPath(folder, key)),
    async read(key, range) {
      const file = await openIfThere(objectPath(folder, key))
      if (file === undefined) return undefined
      const facts = objectFactsOf(await file.stat({ bigint: true }))
      const { first, last } = range ?? { first: 0, last: facts.sizeBytes - 1 }
      return { ...facts, body: new FileBody(file, first, last - first + 1) }
    },
    async copy(from, etag, to) {
      const temporary = temporaryPath(folder.temporary)
      return guarded(temporary, async () => {
        if (!(await copyAside(objectPath(folder, from), temporary, etag))) return false
        await placeObject(folder, temporary, to)
        return true
      })
    },
    async remove(keys) {
      for (const key of keys) await folder.tree.remove(objectPath(folder, key))
    },
    async list(prefix, { after = '', limit }) {
      const keys: string[] = []
      for await (const key of walk(folder.objects, prefix)) {
        if (key > after) keys.push(key)
        if (keys.length === limit) break
      }
      return keys
    },
  }
}

/** Moves a finished file under its key and says what it is. */
export async function placeObject(
  folder: ObjectFolder,
  temporary: string,
  key: string,
): Promise<ObjectFacts> {
  const path = objectPath(folder, key)
  const facts = await readObjectFacts(temporary)
  await folder.tree.place(temporary, path)
  if (facts === undefined) throw new Error(`${key} vanished while it was written`)
  return { sizeBytes: facts.sizeBytes, etag: facts.etag }
}

/** Runs `write`; leaves no file behind under `temporary`, whatever happens. */
export async function guarded<Result>(
  temporary: string,
  write: () => Promise<Result>,
): Promise<Result> {
  try {
    return await write()
  } catch (error) {
    throw fileError(error)
  } finally {
    await rm(temporary, { force: true })
  }
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path)
  } catch (error) {
    if (isMissing(error)) return undefined
    throw fileError(error)
  }
}

// Files never change in place, so a second name is a copy; where there can be none, the bytes are copied.
async function copyAside(from: string, to: string, etag: string): Promise<boolean> {
  try {
    await link(from, to)
  } catch (error) {
    if (isMissing(error)) return false
    return copyBytes(from, to, etag)
  }
  return (await readObjectFacts(to))?.etag === etag
}

async function copyBytes(from: string, to: string, etag: string): Promise<boolean> {
  if ((await readObjectFacts(from))?.etag !== etag) return false
  await copyFile(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE)
  const file = await open(to)
  try {
    await file.sync()
  } finally {
    await file.close()
  }
  return (await readObjectFacts(from))?.etag === etag
}

/** Keys below `prefix`, in ascending order. */
async function* walk(root: string, prefix: string): AsyncGenerator<string> {
  let entries
  try {
    entries = await readdir(join(root, prefix), { withFileTypes: true })
  } catch (error) {
    if (isMissing(error)) return
    throw fileError(error)
  }
  const names = entries.map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name))
  for (const name of names.sort()) {
    if (name.endsWith('/')) yield* walk(root, prefix + name)
    else yield prefix + name
  }
}
