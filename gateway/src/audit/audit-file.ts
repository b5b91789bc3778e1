import { appendFile, rename, stat } from 'node:fs/promises'
import type { LogDestination } from '@satchel/chat-core/runtime'

export interface AuditFileOptions {
  readonly path: string
  /** Of the file and the one before it together. */
  readonly mostBytes: number
  /** So many lines could not be written; without an error because too many waited. */
  readonly onLost: (lines: number, error?: unknown) => void
}

const MOST_WAITING_BYTES = 8 * 1024 * 1024

/**
 * Appends lines to a file that nobody but its owner may read. When it is half of what it may be, it becomes
 * `<path>.1`, in the place of an older one. It is opened for each write: whoever takes it away to keep it gets whole lines, and a new one begins.
 */
export class AuditFile implements LogDestination {
  readonly #options: AuditFileOptions
  #waiting: string[] = []
  #waitingBytes = 0
  #writing: Promise<void> = Promise.resolve()
  #isWriting = false

  constructor(options: AuditFileOptions) {
    this.#options = options
  }

  /** Rejects when nothing can be written there. */
  async check(): Promise<void> {
    await this.#append('')
  }

  write(line: string): void {
    const bytes = Buffer.byteLength(line)
    if (this.#waitingBytes + bytes > MOST_WAITING_BYTES) {
      this.#options.onLost(1)
      return
    }
    this.#waiting.push(line)
    this.#waitingBytes += bytes
    if (this.#isWriting) return
    this.#isWriting = true
    this.#writing = this.#writeAll()
  }

  /** Settles when everything that was given to it has been written. */
  async close(): Promise<void> {
    await this.#writing
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const lines = this.#waiting
      this.#waiting = []
      this.#waitingBytes = 0
      try {
        await this.#append(lines.join(''))
      } catch (error) {
        this.#options.onLost(lines.length, error)
      }
    }
    this.#isWriting = false
  }

  async #append(text: string): Promise<void> {
    const { path, mostBytes } = this.#options
    const size = await sizeOf(path)
    if (size > 0 && size + Buffer.byteLength(text) > mostBytes / 2) await rename(path, `${path}.1`)
    await appendFile(path, text, { mode: 0o600 })
  }
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 0
    throw error
  }
}
