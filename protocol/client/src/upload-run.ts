import { ChatError, LIMITS } from '@satchel/protocol'
import type { PartUrl, UploadState } from '@satchel/protocol'
import type { Clock } from './clock.ts'
import type { CommandTarget } from './command-target.ts'
import type { Connection } from './connection.ts'
import { createLinkedAbort } from './linked-abort.ts'
import { sendPart } from './part-sender.ts'
import type { PartTransport } from './part-transport.ts'
import { toChatError } from './to-chat-error.ts'
import type { Upload, UploadSource } from './upload.ts'

export interface UploadRunDeps {
  readonly connection: Pick<Connection, 'request' | 'signal' | 'serverNow'>
  readonly clock: Clock
  readonly random: () => number
  readonly transport: PartTransport
  readonly resolveUrl: (url: string) => string
}

export interface UploadTask {
  readonly upload: Upload
  readonly source: UploadSource
  /** Absent for an upload of another device: then the server must know it. */
  readonly target: CommandTarget | undefined
  readonly isResumed: boolean
}

const PARALLEL_PARTS = 3
/** Others are told twice a second at most. */
const SIGNAL_INTERVAL_MS = 500
/** A URL that expires sooner than this is not used any more. */
const URL_MARGIN_MS = 10_000
/** However often parts turn out to be missing after all. */
const ROUNDS_MAX = 5

/** One attempt to bring an upload to its end: begin or ask where it stands, send what is missing, complete. */
export class UploadRun {
  readonly #deps: UploadRunDeps
  readonly #task: UploadTask
  readonly #abort = new AbortController()
  readonly #urls = new Map<number, PartUrl>()
  /** Bytes that are with the server, by part. */
  readonly #sent = new Map<number, number>()
  #partBytes = 0
  #signalledAtMs = 0
  #urlRequest: Promise<void> | undefined

  constructor(deps: UploadRunDeps, task: UploadTask) {
    this.#deps = deps
    this.#task = task
  }

  /** Never rejects: how it ended is in the upload. */
  async run(): Promise<void> {
    const { upload } = this.#task
    try {
      upload.noteComplete(await this.#toTheEnd())
    } catch (error) {
      upload.noteFailed(toChatError(error, 'unavailable', 'the upload was interrupted'))
    }
  }

  /** Stops here; the server keeps what it has. */
  stop(): void {
    this.#abort.abort()
  }

  cancel(): void {
    this.stop()
    const { id: attachmentId } = this.#task.upload
    this.#deps.connection.request({ type: 'abort_upload', attachmentId }).catch(() => undefined)
  }

  async #toTheEnd(): Promise<UploadState> {
    let state = await this.#begin()
    this.#task.upload.noteBegun()
    for (let round = 0; round < ROUNDS_MAX; round++) {
      if (state.state !== 'uploading') return requireAlive(state)
      this.#take(state)
      await this.#sendParts(state.missingParts)
      const completed = await this.#complete()
      if (completed.state !== 'uploading') return requireAlive(completed)
      state = completed
    }
    throw new ChatError('parts_missing', 'parts got lost again and again')
  }

  async #begin(): Promise<UploadState> {
    const { upload, target, isResumed } = this.#task
    const attachmentId = upload.id
    if (isResumed) {
      try {
        return await this.#request({ type: 'upload_status', attachmentId })
      } catch (error) {
        // Its beginning never reached the server: begin it now.
        const isUnknown = error instanceof ChatError && error.code === 'no_such_attachment'
        if (!isUnknown || target === undefined) throw error
      }
    }
    if (target === undefined) throw new ChatError('no_such_attachment', 'nothing to resume')
    const { name, contentType, totalBytes: sizeBytes } = upload
    return await this.#request({
      type: 'begin_upload',
      upload: { attachmentId, name, contentType, sizeBytes, ...target },
    })
  }

  /** The state when everything has arrived, or with the parts that have not. */
  async #complete(): Promise<UploadState> {
    const attachmentId = this.#task.upload.id
    try {
      return await this.#request({ type: 'complete_upload', attachmentId })
    } catch (error) {
      const mayGoOn =
        error instanceof ChatError &&
        (error.code === 'parts_missing' || error.code === 'upload_state')
      if (!mayGoOn) throw error
      return await this.#request({ type: 'upload_status', attachmentId })
    }
  }

  #take(state: UploadState): void {
    this.#partBytes = state.partBytes
    for (const url of state.urls) this.#urls.set(url.part, url)
    const missing = new Set(state.missingParts)
    for (const part of this.#parts(state.partCount)) {
      this.#sent.set(part, missing.has(part) ? 0 : this.#sliceOf(part).size)
    }
    this.#report()
  }

  async #sendParts(missing: readonly number[]): Promise<void> {
    const queue = [...missing]
    const { controller, unlink } = createLinkedAbort(this.#abort.signal)
    const worker = async (): Promise<void> => {
      for (let part = queue.shift(); part !== undefined; part = queue.shift()) {
        await this.#sendPart(part, queue, controller.signal)
      }
    }
    const workers = Array.from({ length: PARALLEL_PARTS }, worker)
    try {
      await Promise.all(workers)
    } finally {
      controller.abort()
      unlink()
      await Promise.allSettled(workers)
    }
  }

  async #sendPart(part: number, queue: readonly number[], signal: AbortSignal): Promise<void> {
    const slice = this.#sliceOf(part)
    await sendPart(
      { ...this.#deps, signal },
      {
        body: slice,
        url: (isRefused) => this.#urlOf(part, queue, isRefused),
        onProgress: (sentBytes) => {
          this.#sent.set(part, Math.min(sentBytes, slice.size))
          this.#report()
        },
      },
    )
    this.#sent.set(part, slice.size)
    this.#report()
  }

  /** A URL that is good for a while; those of the next parts come along. */
  async #urlOf(part: number, queue: readonly number[], isRefused: boolean): Promise<string> {
    if (isRefused) this.#urls.delete(part)
    let url = this.#freshUrl(part)
    if (url === undefined) {
      await (this.#urlRequest ??= this.#requestUrls([part, ...queue]))
      // Another part's request may have been under way, without this one.
      if (this.#freshUrl(part) === undefined) await this.#requestUrls([part, ...queue])
      url = this.#freshUrl(part)
    }
    if (url === undefined) {
      throw new ChatError('upload_state', `the server gives no URL for part ${String(part)}`)
    }
    return this.#deps.resolveUrl(url.url)
  }

  #freshUrl(part: number): PartUrl | undefined {
    const url = this.#urls.get(part)
    const earliestMs = this.#deps.connection.serverNow() + URL_MARGIN_MS
    return url !== undefined && url.expiresAtMs > earliestMs ? url : undefined
  }

  async #requestUrls(wanted: readonly number[]): Promise<void> {
    const parts = wanted
      .filter((part) => this.#freshUrl(part) === undefined)
      .slice(0, LIMITS.partUrlsPerRequest)
    const attachmentId = this.#task.upload.id
    try {
      const { urls } = await this.#request({ type: 'upload_parts', attachmentId, parts })
      for (const url of urls) this.#urls.set(url.part, url)
    } finally {
      this.#urlRequest = undefined
    }
  }

  /** Part 0 is the whole file; otherwise parts count from 1. */
  #parts(partCount: number): readonly number[] {
    return partCount === 0 ? [0] : Array.from({ length: partCount }, (_, index) => index + 1)
  }

  #sliceOf(part: number): Blob {
    const { source } = this.#task
    if (part === 0) return source.slice(0, source.size)
    const start = (part - 1) * this.#partBytes
    return source.slice(start, Math.min(start + this.#partBytes, source.size))
  }

  #report(): void {
    const { upload } = this.#task
    const sentBytes = [...this.#sent.values()].reduce((sum, bytes) => sum + bytes, 0)
    upload.noteSent(sentBytes)
    const now = this.#deps.clock.now()
    if (!upload.isInMessage || now - this.#signalledAtMs < SIGNAL_INTERVAL_MS) return
    this.#signalledAtMs = now
    const attachmentId = upload.id
    this.#deps.connection.signal({ type: 'upload_progress', attachmentId, sentBytes })
  }

  /** Waits for the network as long as it takes: a reload is the only other way to go on. */
  #request: Connection['request'] = (request) =>
    this.#deps.connection.request(request, {
      deadlineMs: null,
      signal: this.#abort.signal,
    })
}

function requireAlive(state: UploadState): UploadState {
  if (state.state !== 'expired') return state
  throw new ChatError('upload_state', 'the upload has expired; start it again')
}
