import { mkdir, rename, rmdir, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fileError, isMissing, isNotEmpty, syncFolder } from './durable-file.ts'

/**
 * Files in folders below a root, which nobody else changes. A folder comes with its first file and goes
 * with its last. Both happen one after another: no folder goes from under a file on its way into it.
 * Rejects with what the file system refused, as a `ChatError`.
 */
export class FolderTree {
  readonly #root: string
  #lastChange: Promise<unknown> = Promise.resolve()
  /** Folders whose names are not on disk yet: a file is durable only when all above it are. */
  readonly #unsynced = new Map<string, Promise<void>>()

  constructor(root: string) {
    this.#root = root
  }

  /** Moves a finished and synced file to its place, over what is there; settles when the move is durable. */
  async place(from: string, to: string): Promise<void> {
    const folder = dirname(to)
    try {
      await this.#inTurn(() => this.#move(from, to))
      await Promise.all([syncUnlessGone(folder), ...this.#syncsAbove(folder)])
    } catch (error) {
      throw fileError(error)
    }
  }

  /** Removes a file, and the folders it leaves empty; settles when that is durable. */
  async remove(path: string): Promise<void> {
    try {
      await syncUnlessGone(await this.#inTurn(() => this.#unlink(path)))
    } catch (error) {
      throw fileError(error)
    }
  }

  #inTurn<Result>(change: () => Promise<Result>): Promise<Result> {
    const turn = this.#lastChange.then(change)
    this.#lastChange = turn.catch(() => undefined)
    return turn
  }

  async #move(from: string, to: string): Promise<void> {
    const folder = dirname(to)
    let firstMade: string | undefined
    try {
      firstMade = await mkdir(folder, { recursive: true })
      await rename(from, to)
    } catch (error) {
      await this.#prune(folder)
      throw error
    }
    // Begun within the turn: whoever comes next into these folders finds them to wait for.
    if (firstMade !== undefined) this.#startSyncs(folder, firstMade)
  }

  /** What is left empty by an earlier life goes too. Returns the folder that stays. */
  async #unlink(path: string): Promise<string> {
    try {
      await unlink(path)
    } catch (error) {
      if (!isMissing(error)) throw error
    }
    return this.#prune(dirname(path))
  }

  async #prune(lowest: string): Promise<string> {
    let folder = lowest
    for (; folder !== this.#root; folder = dirname(folder)) {
      try {
        await rmdir(folder)
      } catch (error) {
        if (isNotEmpty(error)) break
        if (!isMissing(error)) throw error
      }
    }
    return folder
  }

  #startSyncs(lowest: string, highest: string): void {
    for (let folder = lowest; folder.length >= highest.length; folder = dirname(folder)) {
      const sync = syncUnlessGone(dirname(folder)).finally(() => {
        if (this.#unsynced.get(folder) === sync) this.#unsynced.delete(folder)
      })
      this.#unsynced.set(folder, sync)
    }
  }

  #syncsAbove(lowest: string): readonly Promise<void>[] {
    const syncs: Promise<void>[] = []
    for (let folder = lowest; folder !== this.#root; folder = dirname(folder)) {
      const sync = this.#unsynced.get(folder)
      if (sync !== undefined) syncs.push(sync)
    }
    return syncs
  }
}

// A folder goes only with all its files: nothing of them is left to be made durable.
async function syncUnlessGone(folder: string): Promise<void> {
  try {
    await syncFolder(folder)
  } catch (error) {
    if (!isMissing(error)) throw error
  }
}
