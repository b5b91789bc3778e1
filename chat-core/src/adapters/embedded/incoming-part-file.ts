import { open, rename, rm, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { ChatError } from '@satchel/protocol'
import type { IncomingPart, PartFlow } from '../../ports/upload-target.ts'
import { fileError, isMissing, syncFolder, writeWhole } from './durable-file.ts'

export interface PartLimits {
  /** A part that has not come whole after this long is given up. */
  readonly deadlineMs: number
  /** So is one of which nothing came for this long. */
  readonly idleMs: number
}

export interface PartFile {
  readonly path: string
  /** In the same folder. */
  readonly temporaryPath: string
  readonly sizeBytes: number
}

const PAUSE_ABOVE_BYTES = 1024 * 1024
const RESUME_BELOW_BYTES = 256 * 1024

/** Writes a part to disk as it comes: aside first, renamed when it is whole and synced. */
export class IncomingPartFile implements IncomingPart {
  readonly done: Promise<void>
  readonly #file: PartFile
  readonly #flow: PartFlow
  readonly #limits: PartLimits
  readonly #chunks: Uint8Array[] = []
  #waitingBytes = 0
  #takenBytes = 0
  #paused = false
  #ended = false
  #failure: ChatError | undefined
  #wake: (() => void) | undefined
  readonly #deadline: NodeJS.Timeout
  #idle: NodeJS.Timeout

  constructor(file: PartFile, flow: PartFlow, limits: PartLimits) {
    this.#file = file
    this.#flow = flow
    this.#limits = limits
    this.#deadline = setTimeout(() => this.#giveUp('took too long'), limits.deadlineMs)
    this.#idle = this.#startIdle()
    this.done = this.#run()
    // Whoever looks at `done` gets the reason; a sender that went away leaves nobody to look.
    this.done.catch(() => undefined)
  }

  write(chunk: Uint8Array): void {
    if (this.#failure !== undefined || this.#ended || chunk.length === 0) return
    this.#takenBytes += chunk.length
    if (this.#takenBytes > this.#file.sizeBytes) {
      this.#fail(this.#wrongLength())
      return
    }
    this.#chunks.push(chunk)
    this.#waitingBytes += chunk.length
    this.#restartIdle()
    if (this.#waitingBytes > PAUSE_ABOVE_BYTES && !this.#paused) {
      this.#paused = true
      // Standing still is our own doing now.
      clearTimeout(this.#idle)
      this.#flow.pause()
    }
    this.#wake?.()
  }

  end(): void {
    this.#ended = true
    if (this.#takenBytes !== this.#file.sizeBytes) this.#fail(this.#wrongLength())
    this.#wake?.()
  }

  cancel(): void {
    this.#giveUp('was broken off')
  }

  async #run(): Promise<void> {
    const { path, temporaryPath } = this.#file
    try {
      const file = await open(temporaryPath, 'wx')
      try {
        await this.#writeAll(file)
        await file.sync()
      } finally {
        await file.close()
      }
      this.#throwFailure()
      await rename(temporaryPath, path)
      await syncFolder(dirname(path))
      await syncFolder(dirname(dirname(path)))
    } catch (error) {
      // The folder of an upload goes when it is complete or aborted.
      if (isMissing(error)) throw new ChatError('upload_state', 'the upload takes no more parts')
      throw fileError(error)
    } finally {
      this.#chunks.length = 0
      await rm(temporaryPath, { force: true })
      // What still comes is thrown away, so that the answer can be read.
      this.#resume()
      clearTimeout(this.#deadline)
      clearTimeout(this.#idle)
    }
  }

  async #writeAll(file: FileHandle): Promise<void> {
    for (;;) {
      this.#throwFailure()
      const chunk = this.#chunks.shift()
      if (chunk !== undefined) {
        await writeWhole(file, chunk)
        this.#waitingBytes -= chunk.length
        if (this.#waitingBytes < RESUME_BELOW_BYTES) this.#resume()
      } else if (this.#ended) {
        return
      } else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
      }
    }
  }

  #resume(): void {
    if (!this.#paused) return
    this.#paused = false
    this.#restartIdle()
    this.#flow.resume()
  }

  #restartIdle(): void {
    clearTimeout(this.#idle)
    if (!this.#paused) this.#idle = this.#startIdle()
  }

  #startIdle(): NodeJS.Timeout {
    return setTimeout(() => this.#giveUp('stood still'), this.#limits.idleMs)
  }

  #giveUp(how: string): void {
    this.#fail(new ChatError('unavailable', `the part ${how}; bring it again`))
  }

  #fail(failure: ChatError): void {
    this.#failure ??= failure
    this.#wake?.()
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure
  }

  #wrongLength(): ChatError {
    const { sizeBytes } = this.#file
    return new ChatError('file_changed', `this part has ${sizeBytes} bytes`, { limit: sizeBytes })
  }
}
