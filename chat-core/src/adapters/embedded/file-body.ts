import type { FileHandle } from 'node:fs/promises'

const CHUNK_BYTES = 256 * 1024

/** The bytes of an open file from `position` on, read as they are asked for; closes it at the end or by `return`. */
export class FileBody implements AsyncIterableIterator<Uint8Array> {
  readonly #file: FileHandle
  #position: number
  #left: number
  #closing: Promise<void> | undefined

  constructor(file: FileHandle, position: number, length: number) {
    this.#file = file
    this.#position = position
    this.#left = length
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (this.#left === 0 || this.#closing !== undefined) return this.return()
    const buffer = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, this.#left))
    const { bytesRead } = await this.#file.read(buffer, 0, buffer.length, this.#position)
    if (bytesRead === 0) return this.return()
    this.#position += bytesRead
    this.#left -= bytesRead
    return { done: false, value: buffer.subarray(0, bytesRead) }
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.#closing ??= this.#file.close()
    await this.#closing
    return { done: true, value: undefined }
  }
}
