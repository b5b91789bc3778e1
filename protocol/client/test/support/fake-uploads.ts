import { ChatError, LIMITS } from '@satchel/protocol'
import type {
  Attachment,
  AttachmentId,
  AttachmentReference,
  BeginUpload,
  ForwardAttachment,
  UploadState,
} from '@satchel/protocol'
import type { ManualClock } from './manual-clock.ts'
import type { PartTransport } from '../../src/part-transport.ts'

interface FakeUpload {
  readonly begun: Pick<BeginUpload, 'attachmentId' | 'name' | 'sizeBytes' | 'contentType'>
  readonly parts: Map<number, Uint8Array>
  state: 'uploading' | 'processing' | 'ready' | 'expired'
  version: number
}

const URL_LIFE_MS = 60_000

/** The far end's object store and its plans: single PUTs and parts, with URLs that expire. */
export class FakeUploads {
  /** Small, so that tests have parts without megabytes. */
  partBytes = 4
  singlePutBytes = 4
  /** What a PUT is answered with instead of being stored; `undefined` stores it; a throw is a broken network. */
  intercept: (put: { readonly part: number; readonly attempt: number }) => number | undefined =
    () => undefined
  /** Part URLs handed out by `begin`. */
  urlsInPlan = 2
  readonly puts: { readonly url: string; readonly status: number | undefined }[] = []
  concurrent = 0
  maxConcurrent = 0
  readonly #uploads = new Map<AttachmentId, FakeUpload>()
  readonly #attempts = new Map<string, number>()
  readonly #clock: ManualClock

  constructor(clock: ManualClock) {
    this.#clock = clock
  }

  begin(begun: BeginUpload): UploadState {
    const id = begun.attachmentId
    if (!this.#uploads.has(id)) {
      this.#uploads.set(id, { begun, parts: new Map(), state: 'uploading', version: 1 })
    }
    return this.#stateOf(id, this.#missing(id).slice(0, this.urlsInPlan))
  }

  status(id: AttachmentId): UploadState {
    return this.#stateOf(id, [])
  }

  parts(id: AttachmentId, parts: readonly number[]): UploadState {
    const missing = this.#missing(id)
    return this.#stateOf(
      id,
      parts.filter((part) => missing.includes(part)),
    )
  }

  complete(id: AttachmentId): UploadState {
    const upload = this.#require(id)
    const missingParts = this.#missing(id)
    if (missingParts.length > 0) {
      throw new ChatError('parts_missing', 'not all parts are there', { missingParts })
    }
    if (upload.state === 'uploading') upload.state = 'processing'
    return this.#stateOf(id, [])
  }

  abort(id: AttachmentId): UploadState {
    this.#require(id).state = 'expired'
    return this.#stateOf(id, [])
  }

  /** The bytes of `source`, ready, under another id. */
  forward({ attachmentId, from }: ForwardAttachment): UploadState {
    const { begun, parts } = this.#require(from.attachmentId)
    const forwarded = {
      begun: { ...begun, attachmentId },
      parts,
      state: 'ready',
      version: 1,
    } as const
    if (!this.#uploads.has(attachmentId)) this.#uploads.set(attachmentId, { ...forwarded })
    return this.#stateOf(attachmentId, [])
  }

  /** Its checks are over. */
  finish(id: AttachmentId): void {
    this.#require(id).state = 'ready'
  }

  /** The bytes are gone. */
  remove(id: AttachmentId): void {
    this.#uploads.delete(id)
  }

  stateOf(id: AttachmentId): string | undefined {
    return this.#uploads.get(id)?.state
  }

  /** The file as it arrived. */
  bytesOf(id: AttachmentId): Uint8Array {
    const parts = [...this.#require(id).parts].sort(([a], [b]) => a - b)
    return new Uint8Array(parts.flatMap(([, bytes]) => [...bytes]))
  }

  describe = (reference: AttachmentReference): Attachment => {
    const upload = this.#uploads.get(reference.id)
    if (upload === undefined) throw new ChatError('no_such_attachment', 'no such upload')
    const { name, sizeBytes, contentType } = upload.begun
    const state = upload.state === 'expired' ? 'uploading' : upload.state
    return { ...reference, version: upload.version, state, name, sizeBytes, contentType }
  }

  readonly transport: PartTransport = {
    put: async (url, body, { signal, onProgress }) => {
      this.concurrent++
      this.maxConcurrent = Math.max(this.maxConcurrent, this.concurrent)
      try {
        const bytes = new Uint8Array(await this.#clock.during(body.arrayBuffer()))
        signal.throwIfAborted()
        onProgress(Math.floor(bytes.length / 2))
        const status = this.#put(new URL(url), bytes)
        this.puts.push({ url, status })
        return status
      } finally {
        this.concurrent--
      }
    },
  }

  #put(url: URL, bytes: Uint8Array): number {
    const [, , idText = '', partText = ''] = url.pathname.split('/')
    const part = Number(partText)
    const attempt = (this.#attempts.get(url.pathname) ?? 0) + 1
    this.#attempts.set(url.pathname, attempt)
    const refusal = this.intercept({ part, attempt })
    if (refusal !== undefined) return refusal
    if (Number(url.searchParams.get('e')) <= this.#clock.now()) return 403
    const upload = [...this.#uploads.values()].find(({ begun }) => begun.attachmentId === idText)
    if (upload?.state !== 'uploading') return 404
    if (bytes.length !== this.#sizeOf(upload, part)) return 400
    upload.parts.set(part, bytes)
    return 200
  }

  #stateOf(id: AttachmentId, withUrls: readonly number[]): UploadState {
    const upload = this.#require(id)
    const expiresAtMs = this.#clock.now() + URL_LIFE_MS
    return {
      attachmentId: id,
      state: upload.state,
      version: upload.version,
      partCount: this.#partCount(upload),
      partBytes: this.partBytes,
      missingParts: this.#missing(id),
      urls: withUrls.slice(0, LIMITS.partUrlsPerRequest).map((part) => ({
        part,
        url: `/objects/${id}/${String(part)}?e=${String(expiresAtMs)}`,
        sizeBytes: this.#sizeOf(upload, part),
        expiresAtMs,
      })),
    }
  }

  #missing(id: AttachmentId): number[] {
    const upload = this.#require(id)
    const count = this.#partCount(upload)
    const all = count === 0 ? [0] : Array.from({ length: count }, (_, index) => index + 1)
    return all.filter((part) => !upload.parts.has(part))
  }

  #partCount({ begun }: FakeUpload): number {
    if (begun.sizeBytes <= this.singlePutBytes) return 0
    return Math.ceil(begun.sizeBytes / this.partBytes)
  }

  #sizeOf(upload: FakeUpload, part: number): number {
    const { sizeBytes } = upload.begun
    if (part === 0) return sizeBytes
    return Math.min(this.partBytes, sizeBytes - (part - 1) * this.partBytes)
  }

  #require(id: AttachmentId): FakeUpload {
    const upload = this.#uploads.get(id)
    if (upload === undefined) throw new ChatError('no_such_attachment', `no upload ${id}`)
    return upload
  }
}
