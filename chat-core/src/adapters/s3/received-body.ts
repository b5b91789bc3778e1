import type { Readable } from 'node:stream'
import { ChatError } from '@satchel/protocol'
import { ProgressDeadline } from './progress-deadline.ts'

const IDLE_MS = 30_000

/**
 * The bytes of an answer as they come. Rejects with `unavailable` when the store breaks off or sends nothing
 * for half a minute; how long its reader takes does not matter.
 */
export class ReceivedBody implements AsyncIterableIterator<Uint8Array> {
  readonly #stream: Readable
  readonly #chunks: AsyncIterator<Uint8Array, undefined>
  readonly #deadline: ProgressDeadline

  constructor(stream: Readable) {
    this.#stream = stream
    // What breaks before anybody reads is told to whoever reads then.
    stream.on('error', () => undefined)
    this.#chunks = stream.iterator()
    this.#deadline = new ProgressDeadline(IDLE_MS, () => {
      stream.destroy(new Error(`the store sent nothing for ${String(IDLE_MS)} ms`))
    })
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.#deadline.restart()
    try {
      return await this.#chunks.next()
    } catch (cause) {
      throw new ChatError('unavailable', 's3 broke off while it was read', { cause })
    } finally {
      this.#deadline.pause()
    }
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.#stream.destroy()
    return { done: true, value: undefined }
  }
}
