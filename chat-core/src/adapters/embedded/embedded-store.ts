import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { open, type Database, type RootDatabase } from 'lmdb'
import { lockFolder } from './folder-lock.ts'
import { GroupCommit } from './group-commit.ts'
import type { Stage } from './store-transaction.ts'

export interface EmbeddedStoreOptions {
  /** The folder everything lies in; made when it does not exist. */
  readonly dataDir: string
  /** Number of this process, named to a second one that wants the folder. */
  readonly pid: number
  /** How large the store may grow, asked before each write; without it, as large as the disk allows. */
  readonly limitBytes?: (() => number) | undefined
}

/** A database of the store: bytes by bytes, sorted by key. */
export type Cells = Database<Buffer, Buffer>

/**
 * What everything durable lies in: one LMDB environment in a locked folder.
 *
 * - `write` puts what `stage` stages into one transaction, together with what others stage at about
 *   that time; it settles when that is on disk. Readers see all of it or nothing, and not before.
 * - A full disk rejects it with `storage_full`; nothing of the transaction is written.
 */
export interface EmbeddedStore {
  /** Grows by one each time the folder is opened. */
  readonly generation: number
  readonly databases: EmbeddedDatabases
  /** A database of its own for somebody else's rows; the same one for the same name. */
  openDatabase(name: string): Cells
  write(stage: Stage): Promise<void>
  /** Calls back after each transaction that wrote jobs; the returned function ends it. */
  onJobsCommitted(listener: () => void): () => void
  /** Finishes what was asked, then lets go of the folder. */
  close(): Promise<void>
}

export interface EmbeddedDatabases {
  readonly conversations: Cells
  readonly inbox: Cells
  readonly mentions: Cells
  readonly followers: Cells
  readonly following: Cells
  readonly users: Cells
  readonly userNames: Cells
  readonly jobs: Cells
}

const GENERATION_KEY = Buffer.from('generation')

/** Opens the store of `dataDir`. Rejects with `unavailable` when another process has it open. */
export async function openEmbeddedStore(options: EmbeddedStoreOptions): Promise<EmbeddedStore> {
  await mkdir(options.dataDir, { recursive: true })
  const lock = await lockFolder(options.dataDir, options.pid)
  try {
    const root = openRoot(join(options.dataDir, 'store'))
    const meta = openCells(root, 'meta')
    const generation = await nextGeneration(meta)
    const databases = openDatabases(root)
    const jobListeners = new Set<() => void>()
    const writes = new GroupCommit({
      root,
      generation,
      databases,
      limitBytes: options.limitBytes,
      jobsCommitted: () => {
        for (const listener of jobListeners) listener()
      },
    })
    return {
      generation,
      databases,
      openDatabase: (name) => openCells(root, name),
      write: (stage) => writes.write(stage),
      onJobsCommitted(listener) {
        jobListeners.add(listener)
        return () => jobListeners.delete(listener)
      },
      async close() {
        await writes.close()
        await root.close()
        await lock.release()
      },
    }
  } catch (error) {
    await lock.release()
    throw error
  }
}

function openRoot(path: string): RootDatabase<Buffer, Buffer> {
  return open<Buffer, Buffer>({
    path,
    encoding: 'binary',
    keyEncoding: 'binary',
    maxDbs: 32,
    // With overlapping sync readers would see a transaction before it is on disk.
    overlappingSync: false,
  })
}

function openCells(root: RootDatabase<Buffer, Buffer>, name: string): Cells {
  return root.openDB<Buffer, Buffer>(name, { encoding: 'binary', keyEncoding: 'binary' })
}

function openDatabases(root: RootDatabase<Buffer, Buffer>): EmbeddedDatabases {
  return {
    conversations: openCells(root, 'conversations'),
    inbox: openCells(root, 'inbox'),
    mentions: openCells(root, 'mentions'),
    followers: openCells(root, 'followers'),
    following: openCells(root, 'following'),
    users: openCells(root, 'users'),
    userNames: openCells(root, 'user-names'),
    jobs: openCells(root, 'jobs'),
  }
}

async function nextGeneration(meta: Cells): Promise<number> {
  const stored = meta.get(GENERATION_KEY)
  const generation = stored === undefined ? 1 : stored.readUIntBE(0, 6) + 1
  const bytes = Buffer.alloc(6)
  bytes.writeUIntBE(generation, 0, 6)
  await meta.put(GENERATION_KEY, bytes)
  await meta.flushed
  return generation
}
