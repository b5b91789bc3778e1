import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createMonotonicClock } from '../../runtime/index.ts'
import type { Cells } from './cells.ts'
import { syncFolder } from './durable-file.ts'
import { openDatabases, type EmbeddedDatabases } from './embedded-databases.ts'
import { Environment } from './environment.ts'
import { lockFolder, type FolderLock } from './folder-lock.ts'
import { GroupCommit } from './group-commit.ts'
import { openJournal, readJournal, type Journal } from './journal.ts'
import { storeError } from './store-error.ts'
import type { Stage } from './store-transaction.ts'
import { WriteBack } from './write-back.ts'

export type { Cells } from './cells.ts'

export interface EmbeddedStoreOptions {
  /** The folder everything lies in; made when it does not exist. */
  readonly dataDir: string
  /** Number of this process, named to a second one that wants the folder. */
  readonly pid: number
  /** How large the store may grow, asked before each write; without it, as large as the disk allows. */
  readonly limitBytes?: (() => number) | undefined
}

/**
 * What everything durable lies in: LMDB behind a journal, in a locked folder.
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
  /** Settles when a transaction may begin: what is written at once then is in it. */
  turn(): Promise<void>
  /** Calls back after each transaction that wrote jobs; the returned function ends it. */
  onJobsCommitted(listener: () => void): () => void
  /** Finishes what was asked, then lets go of the folder. */
  close(): Promise<void>
}

const SEGMENT_BYTES = 4 * 1024 * 1024

/**
 * Opens the store of `dataDir`. Rejects with `unavailable` when another process has it open or it is
 * damaged, with `storage_full` when what the journal holds finds no space in LMDB.
 */
export async function openEmbeddedStore(options: EmbeddedStoreOptions): Promise<EmbeddedStore> {
  const { dataDir: folder } = options
  await mkdir(folder, { recursive: true })
  const lock = await lockFolder(folder, options.pid)
  let environment: Environment | undefined
  try {
    environment = new Environment(join(folder, 'store'))
    const records = await readJournal(folder, environment.applied)
    await environment.recover(records)
    const generation = await environment.nextGeneration()
    const journal = await openJournal({ folder, segmentBytes: SEGMENT_BYTES })
    await syncFolder(folder)
    return storeOf(options, { environment, journal, generation, lock })
  } catch (error) {
    await environment?.close()
    await lock.release()
    const reason = await storeError(error, folder)
    throw reason.code === 'storage_full' ? reason : error
  }
}

interface OpenedParts {
  readonly environment: Environment
  readonly journal: Journal
  readonly generation: number
  readonly lock: FolderLock
}

function storeOf(options: EmbeddedStoreOptions, parts: OpenedParts): EmbeddedStore {
  const { environment, journal, generation, lock } = parts
  const databases = openDatabases(environment)
  const jobListeners = new Set<() => void>()
  const writes = new GroupCommit({
    generation,
    databases,
    journal,
    writeBack: new WriteBack(environment, journal),
    timers: createMonotonicClock(),
    lastRecord: environment.applied,
    limitBytes: options.limitBytes,
    jobsCommitted() {
      for (const listener of jobListeners) queueMicrotask(listener)
    },
  })
  return {
    generation,
    databases,
    openDatabase: (name) => environment.database(name),
    write: (stage) => writes.write(stage),
    turn: () => writes.turn(),
    onJobsCommitted(listener) {
      jobListeners.add(listener)
      return () => jobListeners.delete(listener)
    },
    async close() {
      await writes.close()
      await journal.close()
      await environment.close()
      await lock.release()
    },
  }
}
