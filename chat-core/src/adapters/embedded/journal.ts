import { constants } from 'node:fs'
import { open, readFile, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { ChatError } from '@satchel/protocol'
import { formatRecord, parseRecords, recordBytes, type JournalRecord } from './journal-record.ts'
import type { StagedCell } from './store-transaction.ts'

export interface JournalOptions {
  readonly folder: string
  /** Of each of the two files. */
  readonly segmentBytes: number
}

const FILES = ['journal-a', 'journal-b'] as const
const NO_RECORD = Buffer.alloc(16)

/**
 * Transactions that are durable and do not lie in LMDB yet: appending to a file costs one flush to
 * disk and no page of a tree. Two files of fixed length take turns; one is written while the content
 * of the other goes to LMDB.
 *
 * A rejected `append` has left nothing behind, unless the disk refuses that too: then all further ones
 * reject until it does not.
 */
export class Journal {
  readonly folder: string
  readonly #segmentBytes: number
  readonly #files: readonly [FileHandle, FileHandle]
  #buffer = Buffer.allocUnsafeSlow(64 * 1024)
  #active: 0 | 1 = 0
  #end = 0
  #dirtyEnd = false

  constructor(files: readonly [FileHandle, FileHandle], { folder, segmentBytes }: JournalOptions) {
    this.folder = folder
    this.#files = files
    this.#segmentBytes = segmentBytes
  }

  /** Bytes of the active file that are taken. */
  get usedBytes(): number {
    return this.#end
  }

  /** Whether a record of cells that take this much has room. */
  fits(cellBytes: number): boolean {
    return this.#end + recordBytes(cellBytes) <= this.#segmentBytes
  }

  /** Settles when the record is on disk. One at a time. */
  async append(number: number, cells: readonly StagedCell[], cellBytes: number): Promise<void> {
    if (this.#dirtyEnd) await this.#erase()
    const size = recordBytes(cellBytes)
    if (size > this.#buffer.length) this.#buffer = Buffer.allocUnsafeSlow(2 * size)
    const length = formatRecord(this.#buffer, number, cells)
    this.#dirtyEnd = true
    try {
      await writeAt(this.#files[this.#active], this.#buffer, length, this.#end)
    } catch (error) {
      await this.#erase().catch(() => undefined)
      throw error
    }
    this.#dirtyEnd = false
    this.#end += length
  }

  /** Begins the other file anew; what it held must lie in LMDB. Not during an `append`. */
  rotate(): void {
    this.#active = this.#active === 0 ? 1 : 0
    this.#end = 0
  }

  async close(): Promise<void> {
    await Promise.all(this.#files.map((file) => file.close()))
  }

  async #erase(): Promise<void> {
    const length = Math.min(NO_RECORD.length, this.#segmentBytes - this.#end)
    await writeAt(this.#files[this.#active], NO_RECORD, length, this.#end)
    this.#dirtyEnd = false
  }
}

/** Opens the files, made where they are missing. What they hold is read with `readJournal` before. */
export async function openJournal(options: JournalOptions): Promise<Journal> {
  const { folder, segmentBytes } = options
  const first = await openSegment(join(folder, FILES[0]), segmentBytes)
  try {
    const second = await openSegment(join(folder, FILES[1]), segmentBytes)
    return new Journal([first, second], options)
  } catch (error) {
    await first.close()
    throw error
  }
}

/** The records after number `applied`, in order. Rejects when one of them is missing. */
export async function readJournal(
  folder: string,
  applied: number,
): Promise<readonly JournalRecord[]> {
  const segments = await Promise.all(FILES.map((file) => readSegment(join(folder, file))))
  const records = segments
    .flatMap((bytes) => parseRecords(bytes))
    .filter(({ number }) => number > applied)
    .toSorted((left, right) => left.number - right.number)
  records.forEach(({ number }, index) => {
    if (number !== applied + 1 + index)
      throw new ChatError(
        'unavailable',
        `The journal in ${folder} is damaged: record ${applied + 1 + index} is missing`,
      )
  })
  return records
}

async function readSegment(path: string): Promise<Buffer> {
  try {
    return await readFile(path)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return Buffer.alloc(0)
    throw error
  }
}

async function openSegment(path: string, segmentBytes: number): Promise<FileHandle> {
  await fillSegment(path, segmentBytes)
  // Each write is on disk when it returns: one call, and one flush, where a sync would be a second.
  return open(path, constants.O_RDWR | constants.O_DSYNC)
}

/** With zeros to its full length, so that later writes need no space and no new metadata. */
async function fillSegment(path: string, segmentBytes: number): Promise<void> {
  const file = await open(path, constants.O_RDWR | constants.O_CREAT, 0o600)
  try {
    const { size } = await file.stat()
    if (size >= segmentBytes) return
    await writeAt(file, Buffer.alloc(segmentBytes - size), segmentBytes - size, size)
    await file.sync()
  } finally {
    await file.close()
  }
}

async function writeAt(
  file: FileHandle,
  buffer: Buffer,
  length: number,
  position: number,
): Promise<void> {
  let written = 0
  while (written < length) {
    const { bytesWritten } = await file.write(buffer, written, length - written, position + written)
    written += bytesWritten
  }
}
