import { ChatError, newAttachmentId, schema } from '@satchel/protocol'
import type { AttachmentId, UserId } from '@satchel/protocol'
import type { Clock } from './clock.ts'
import { formatTarget, parseTarget } from './command-target.ts'
import type { CommandTarget } from './command-target.ts'
import type { Connection } from './connection.ts'
import { requireAttachmentId } from './identifiers.ts'
import type { OwnedStorage } from './owned-storage.ts'
import type { PartTransport } from './part-transport.ts'
import type { StoredEntry } from './storage.ts'
import { UploadRun } from './upload-run.ts'
import { Upload } from './upload.ts'
import type { UploadProgress, UploadSource } from './upload.ts'

export interface UploadSettings {
  /** The name others see; the file's own unless given. */
  readonly name?: string | undefined
  /** The type as claimed; the file's own unless given. The server looks for itself. */
  readonly contentType?: string | undefined
  readonly onProgress?: ((progress: UploadProgress) => void) | undefined
}

/** An upload of an earlier page that has not been completed: give its file to `resumeUpload`. */
export interface PendingUpload {
  readonly attachmentId: AttachmentId
  readonly target: CommandTarget
  readonly name: string
  readonly sizeBytes: number
  readonly contentType: string
  readonly startedAtMs: number
}

export interface UploadsDeps {
  readonly connection: Connection
  readonly storage: OwnedStorage
  readonly clock: Clock
  readonly random: () => number
  readonly transport: PartTransport
  readonly resolveUrl: (url: string) => string
  readonly myId: () => UserId | undefined
}

const PREFIX = 'upload/'
/** The server has expired what is older. */
const LIFE_MS = 24 * 3_600_000
const UNKNOWN_TYPE = 'application/octet-stream'

const storedUpload = schema.map({
  userId: schema.text(64),
  target: schema.json(1_024),
  name: schema.text(1_024),
  sizeBytes: schema.integer(0),
  contentType: schema.text(256),
  startedAtMs: schema.integer(0),
})

/** All uploads of this client, and what is left of those of earlier pages. */
export class Uploads {
  readonly #deps: UploadsDeps
  readonly #uploads = new Map<string, Upload>()
  readonly #runs = new Map<string, UploadRun>()

  constructor(deps: UploadsDeps) {
    this.#deps = deps
  }

  find(attachmentId: string): Upload | undefined {
    return this.#uploads.get(attachmentId)
  }

  /** Begins at once, or as soon as there is a connection. */
  start(source: UploadSource, target: CommandTarget, settings: UploadSettings): Upload {
    const pending = {
      attachmentId: newAttachmentId(),
      target,
      name: nameOf(source, settings),
      sizeBytes: source.size,
      contentType: settings.contentType ?? (source.type === '' ? UNKNOWN_TYPE : source.type),
      startedAtMs: this.#deps.clock.now(),
    }
    this.#remember(pending)
    return this.#run(source, pending, settings, false)
  }

  /** Goes on with an upload of an earlier page, or another device, given the same file again. */
  async resume(
    attachmentId: string,
    source: UploadSource,
    settings: UploadSettings,
  ): Promise<Upload> {
    const id = requireAttachmentId(attachmentId)
    const running = this.#running(id)
    if (running !== undefined) return running
    const stored = (await this.listPending()).find((pending) => pending.attachmentId === id)
    // Asked twice at once, the other one may have begun.
    const begun = this.#running(id)
    if (begun !== undefined) return begun
    if (stored !== undefined && stored.sizeBytes !== source.size) {
      const [expected, actual] = [stored.sizeBytes, source.size].map(String)
      throw new ChatError('file_changed', `the file has ${actual} bytes, not ${expected}`)
    }
    const claimed = source.type === '' ? UNKNOWN_TYPE : source.type
    const pending = {
      attachmentId: id,
      target: stored?.target,
      name: stored?.name ?? nameOf(source, settings),
      sizeBytes: source.size,
      contentType: stored?.contentType ?? claimed,
    }
    return this.#run(source, pending, settings, true)
  }

  #running(id: AttachmentId): Upload | undefined {
    const upload = this.#uploads.get(id)
    return upload?.status === 'failed' ? undefined : upload
  }

  /** Newest first; empty while another client owns the storage. */
  async listPending(): Promise<readonly PendingUpload[]> {
    const { storage, clock } = this.#deps
    const oldestMs = clock.now() - LIFE_MS
    const all = (await storage.list(PREFIX)).flatMap((entry) => this.#parse(entry) ?? [])
    const expired = all.filter(({ startedAtMs }) => startedAtMs < oldestMs)
    storage.remove(expired.map(({ attachmentId }) => PREFIX + attachmentId))
    return all
      .filter(({ startedAtMs }) => startedAtMs >= oldestMs)
      .sort((a, b) => b.startedAtMs - a.startedAtMs)
  }

  /** Stops sending; what is stored can be resumed. */
  close(): void {
    for (const run of this.#runs.values()) run.stop()
  }

  #run(
    source: UploadSource,
    facts: Omit<PendingUpload, 'target' | 'startedAtMs'> & {
      readonly target: CommandTarget | undefined
    },
    { onProgress }: UploadSettings,
    isResumed: boolean,
  ): Upload {
    const { attachmentId, target, name, contentType, sizeBytes } = facts
    let isKnownToServer = isResumed
    const start = (): void => {
      const task = { upload, source, target, isResumed: isKnownToServer }
      const run = new UploadRun(this.#deps, task)
      this.#runs.set(attachmentId, run)
      // A second try finds out what the server has.
      isKnownToServer = true
      void run.run().then(() => {
        if (this.#runs.get(attachmentId) === run) this.#runs.delete(attachmentId)
        if (upload.status === 'complete') this.#forget(attachmentId)
      })
    }
    const cancel = (): void => {
      this.#runs.get(attachmentId)?.cancel()
      this.#forget(attachmentId)
    }
    const upload = new Upload(
      { id: attachmentId, name, contentType, totalBytes: sizeBytes },
      { start, cancel },
    )
    if (onProgress !== undefined) {
      upload.on('change', ({ sentBytes, totalBytes }) => {
        onProgress({ sentBytes, totalBytes })
      })
    }
    this.#uploads.set(attachmentId, upload)
    start()
    return upload
  }

  #remember({ attachmentId, target, ...facts }: PendingUpload): void {
    const userId = this.#deps.myId()
    if (userId === undefined) return
    const value = { userId, target: formatTarget(target), ...facts }
    void this.#deps.storage.put([{ key: PREFIX + attachmentId, value }])
  }

  #forget(attachmentId: AttachmentId): void {
    this.#deps.storage.remove([PREFIX + attachmentId])
  }

  #parse({ key, value }: StoredEntry): PendingUpload | undefined {
    try {
      const row = storedUpload.parse(value, 'json')
      const target = parseTarget(row.target)
      if (target === undefined || row.userId !== this.#deps.myId()) return undefined
      const { name, sizeBytes, contentType, startedAtMs } = row
      const attachmentId = requireAttachmentId(key.slice(PREFIX.length))
      return { attachmentId, target, name, sizeBytes, contentType, startedAtMs }
    } catch (error) {
      if (error instanceof ChatError) return undefined
      throw error
    }
  }
}

function nameOf(source: UploadSource, settings: UploadSettings): string {
  return settings.name ?? source.name ?? 'file'
}
