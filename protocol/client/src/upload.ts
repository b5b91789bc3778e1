import { ChatError } from '@satchel/protocol'
import type { AttachmentId, UploadState } from '@satchel/protocol'
import { createDeferred } from './deferred.ts'
import { Emitter } from './emitter.ts'
import type { Unsubscribe } from './emitter.ts'

/** What can be uploaded: a browser's `File`, any `Blob`, or something that reads like one. */
export interface UploadSource {
  readonly name?: string
  readonly type: string
  readonly size: number
  slice(start: number, end: number): Blob
}

export interface UploadProgress {
  readonly sentBytes: number
  readonly totalBytes: number
}

/**
 * Where an upload stands: `starting` (not announced to the server yet), `uploading`, `complete` (every byte
 * is with the server; its `attachment_updated` events tell the rest), `failed` (may be tried again with
 * `retry`), `cancelled`.
 */
export type UploadStatus = 'starting' | 'uploading' | 'complete' | 'failed' | 'cancelled'

export interface UploadEvents {
  /** Status or progress changed. */
  change: UploadProgress & { readonly status: UploadStatus }
}

export interface UploadFacts {
  readonly id: AttachmentId
  readonly name: string
  readonly contentType: string
  readonly totalBytes: number
}

/** What drives an upload; kept apart so that a handle can be given away. */
export interface UploadControl {
  readonly start: () => void
  readonly cancel: () => void
}

/** An upload under way. Give it to `send` at once: the message need not wait for its bytes. */
export class Upload {
  readonly id: AttachmentId
  readonly name: string
  readonly contentType: string
  readonly totalBytes: number
  readonly #emitter = new Emitter<UploadEvents>()
  readonly #control: UploadControl
  #begun = createDeferred<undefined>()
  #done = createDeferred<UploadState>()
  #status: UploadStatus = 'starting'
  #sentBytes = 0
  #error: ChatError | undefined
  #isInMessage = false

  /** @internal */
  constructor(facts: UploadFacts, control: UploadControl) {
    this.id = facts.id
    this.name = facts.name
    this.contentType = facts.contentType
    this.totalBytes = facts.totalBytes
    this.#control = control
  }

  get status(): UploadStatus {
    return this.#status
  }

  get sentBytes(): number {
    return this.#sentBytes
  }

  /** Why it failed. */
  get error(): ChatError | undefined {
    return this.#error
  }

  /** Settles when the server knows of the upload, and a message may refer to it. */
  get begun(): Promise<undefined> {
    return this.#begun.promise
  }

  /** Settles when every byte has arrived; rejects with what stopped it. Nobody has to watch it. */
  get done(): Promise<UploadState> {
    return this.#done.promise
  }

  on<Name extends keyof UploadEvents>(
    name: Name,
    listener: (value: UploadEvents[Name]) => void,
  ): Unsubscribe {
    return this.#emitter.on(name, listener)
  }

  /** Gives it up, here and on the server. */
  cancel(): void {
    if (this.#status === 'complete' || this.#status === 'cancelled') return
    this.#control.cancel()
    this.#settle(
      'cancelled',
      new ChatError('upload_state', `the upload of "${this.name}" was cancelled`),
    )
  }

  /** Goes on after a failure, with the parts that are missing. */
  retry(): void {
    if (this.#status !== 'failed') return
    this.#error = undefined
    this.#done = createDeferred()
    this.#begun = createDeferred()
    this.#setStatus('starting')
    this.#control.start()
  }

  /** @internal */
  get isInMessage(): boolean {
    return this.#isInMessage
  }

  /** @internal From now on others want to see its progress. */
  noteInMessage(): void {
    this.#isInMessage = true
  }

  /** @internal */
  noteBegun(): void {
    if (this.#status === 'starting') this.#setStatus('uploading')
    this.#begun.resolve(undefined)
  }

  /** @internal */
  noteSent(sentBytes: number): void {
    if (this.#status !== 'uploading' || sentBytes === this.#sentBytes) return
    this.#sentBytes = sentBytes
    this.#changed()
  }

  /** @internal */
  noteComplete(state: UploadState): void {
    if (this.#status === 'cancelled') return
    this.#sentBytes = this.totalBytes
    this.#begun.resolve(undefined)
    this.#setStatus('complete')
    this.#done.resolve(state)
  }

  /** @internal */
  noteFailed(error: ChatError): void {
    if (this.#status !== 'cancelled') this.#settle('failed', error)
  }

  #settle(status: 'failed' | 'cancelled', error: ChatError): void {
    this.#error = error
    // Whoever hears of it may try again at once, which makes new promises.
    const promised = [this.#begun, this.#done]
    this.#setStatus(status)
    for (const promise of promised) promise.reject(error)
  }

  #setStatus(status: UploadStatus): void {
    this.#status = status
    this.#changed()
  }

  #changed(): void {
    const { sentBytes, totalBytes, status } = this
    this.#emitter.emit('change', { sentBytes, totalBytes, status })
  }
}
