import type { Conversation, OutgoingAttachment, Upload } from '@satchel/client'
import { LIMITS } from '@satchel/protocol'
import type { LocalPreview, LocalPreviews } from '../attachment/local-previews.ts'
import { Changes } from '../ui/changes.ts'

/** What the sender says about a file. */
export type FileWords = Omit<OutgoingAttachment, 'id'>

export interface TrayItem {
  readonly upload: Upload
  readonly preview: LocalPreview | undefined
  readonly words: FileWords
}

export interface TrayDeps {
  readonly conversation: Pick<Conversation, 'upload'>
  readonly previews: LocalPreviews
}

/** Files that are attached and not sent: already on their way to the server. */
export class Tray {
  readonly #deps: TrayDeps
  readonly #changes = new Changes()
  readonly on = this.#changes.on
  #items: readonly TrayItem[] = []

  constructor(deps: TrayDeps) {
    this.#deps = deps
  }

  get items(): readonly TrayItem[] {
    return this.#items
  }

  /** Starts uploading; returns how many there was no room for. */
  add(files: readonly File[]): number {
    const room = LIMITS.attachmentsPerMessage - this.#items.length
    for (const file of files.slice(0, room)) {
      const upload = this.#deps.conversation.upload(file)
      upload.on('change', () => this.#changes.notify())
      this.#set([...this.#items, { upload, preview: undefined, words: {} }])
      void this.#deps.previews.add(upload.id, file).then((preview) => {
        this.#change(upload, { preview })
      })
    }
    return Math.max(files.length - room, 0)
  }

  /** Takes a file out and stops its upload. */
  remove(upload: Upload): void {
    upload.cancel()
    this.#set(this.#items.filter((item) => item.upload !== upload))
  }

  /** Says something about a file, in place of what was said before. */
  describe(upload: Upload, words: FileWords): void {
    this.#change(upload, { words })
  }

  /** Hands over what is attached; the tray is empty afterwards. */
  take(): readonly OutgoingAttachment[] {
    const attachments = this.#items.map(({ upload, words }) => ({ id: upload, ...words }))
    this.#set([])
    return attachments
  }

  #change(upload: Upload, change: Partial<TrayItem>): void {
    this.#set(this.#items.map((item) => (item.upload === upload ? { ...item, ...change } : item)))
  }

  #set(items: readonly TrayItem[]): void {
    this.#items = items
    this.#changes.notify()
  }
}
