import { lstat, opendir, statfs } from 'node:fs/promises'
import { join } from 'node:path'

/** What a child may take of the disk while it is at work. */
export interface DiskBounds {
  /** In its folder, together. */
  readonly maxBytes: number
  /** Files and folders in it. */
  readonly maxEntries: number
  /** Left free by it, if there was as much: what is deleted and still open is in no folder. */
  readonly keepFreeBytes: number
  /** The same of a small disk, as a share of it. */
  readonly keepFreeShare: number
  /** Of a disk on which there was less it may still take this much. */
  readonly slackBytes: number
}

export const DISK_BOUNDS: DiskBounds = {
  // More than the HLS of half an hour, or two copies of the largest file.
  maxBytes: 4_000_000_000,
  maxEntries: 10_000,
  keepFreeBytes: 1_000_000_000,
  keepFreeShare: 0.05,
  slackBytes: 250_000_000,
}

/** What the child took too much of: of its own, or of everybody's. */
export type DiskExcess = 'folder' | 'disk'

/** No machine writes more than a gigabyte or two in this time. */
const INTERVAL_MS = 500

/** Looks again and again at what a child takes of the disk, which no limit of the system bounds in total. */
export class DiskGuard {
  readonly #folder: string
  readonly #bounds: DiskBounds
  readonly #onExcess: () => void
  #excess: DiskExcess | undefined
  #leastFreeBytes: number | undefined
  #timer: NodeJS.Timeout | undefined

  /** Watches until it is stopped, and calls `onExcess` at most once. */
  constructor(folder: string, bounds: DiskBounds, onExcess: () => void) {
    this.#folder = folder
    this.#bounds = bounds
    this.#onExcess = onExcess
    this.#timer = setTimeout(() => void this.#look(), 0)
  }

  get excess(): DiskExcess | undefined {
    return this.#excess
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  async #look(): Promise<void> {
    const excess = await this.#findExcess().catch(() => undefined)
    if (this.#timer === undefined) return
    if (excess === undefined) {
      this.#timer = setTimeout(() => void this.#look(), INTERVAL_MS)
      return
    }
    this.stop()
    this.#excess = excess
    this.#onExcess()
  }

  async #findExcess(): Promise<DiskExcess | undefined> {
    const { bavail, blocks, bsize } = await statfs(this.#folder)
    const { keepFreeBytes, keepFreeShare, slackBytes } = this.#bounds
    const [freeBytes, wholeBytes] = [bavail * bsize, blocks * bsize]
    const keptBytes = Math.min(keepFreeBytes, wholeBytes * keepFreeShare)
    this.#leastFreeBytes ??= Math.min(keptBytes, freeBytes - slackBytes)
    if (freeBytes < this.#leastFreeBytes) return 'disk'
    return (await isWithin(this.#folder, this.#bounds)) ? undefined : 'folder'
  }
}

async function isWithin(
  folder: string,
  { maxBytes, maxEntries }: Pick<DiskBounds, 'maxBytes' | 'maxEntries'>,
): Promise<boolean> {
  let [bytes, entries] = [0, 0]
  const folders = [folder]
  for (let next = folders.pop(); next !== undefined; next = folders.pop()) {
    for await (const entry of await opendir(next)) {
      const path = join(next, entry.name)
      if (entry.isDirectory()) folders.push(path)
      else bytes += (await lstat(path)).size
      if (++entries > maxEntries || bytes > maxBytes) return false
    }
  }
  return true
}
