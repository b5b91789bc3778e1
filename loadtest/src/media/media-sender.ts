import { openAsBlob } from 'node:fs'
import { ChatClient, type Conversation } from '@satchel/client'
import type { Attachment, AttachmentId } from '@satchel/protocol'
import { signToken } from '../client/sign-token.ts'
import type { MediaFile } from './make-media-files.ts'

export interface MediaSenderOptions {
  readonly gatewayUrl: string
  readonly tokenSecret: string
  readonly userId: string
}

/** One file on its way to being shown. */
export interface Shown {
  readonly attachment: Attachment
  /** From the last byte's arrival in the store until the message says that it is ready. */
  readonly tookMs: number
}

const DEADLINE_MS = 180_000

/** Somebody who sends files to a group of their own, and sees when others could see them. */
export class MediaSender {
  readonly #client: ChatClient
  readonly #conversation: Conversation
  readonly #waiting = new Map<AttachmentId, (attachment: Attachment) => void>()

  static async open(options: MediaSenderOptions): Promise<MediaSender> {
    const { gatewayUrl, tokenSecret, userId } = options
    const client = new ChatClient({
      url: `${gatewayUrl.replace(/^http/, 'ws')}/v1/socket`,
      getToken: () => signToken(tokenSecret, userId, Date.now()),
    })
    await client.connect()
    const conversation = await client.createConversation({ kind: 'group', title: 'media' })
    return new MediaSender(client, conversation)
  }

  constructor(client: ChatClient, conversation: Conversation) {
    this.#client = client
    this.#conversation = conversation
    client.on('event', ({ event: { content } }) => {
      if (content.kind === 'attachment_updated') this.#take(content.attachment)
      if (content.kind === 'message_sent') content.attachments?.forEach((one) => this.#take(one))
    })
  }

  /** Uploads the file in a message; rejects when it does not become ready in time. */
  async send(file: MediaFile): Promise<Shown> {
    const blob = await openAsBlob(file.path, { type: file.contentType })
    // Other bytes each time: what is stored already would not be looked at again.
    const source = new Blob([blob, crypto.randomUUID()], { type: file.contentType })
    const upload = this.#client.upload(source, {
      conversationId: this.#conversation.id,
      name: file.name,
    })
    let lastByteMs = 0
    upload.on('change', ({ sentBytes, totalBytes }) => {
      if (sentBytes === totalBytes && lastByteMs === 0) lastByteMs = performance.now()
    })
    const finished = this.#finished(upload.id)
    await this.#conversation.send({ attachments: [upload] })
    await upload.done
    const attachment = await finished
    if (attachment.state !== 'ready') {
      throw new Error(`${file.name} is ${attachment.state}: ${attachment.reason ?? 'no reason'}`)
    }
    return { attachment, tookMs: performance.now() - lastByteMs }
  }

  close(): void {
    this.#client.close()
  }

  #finished(id: AttachmentId): Promise<Attachment> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('a file was not ready in time')), DEADLINE_MS)
      this.#waiting.set(id, (attachment) => {
        clearTimeout(timer)
        resolve(attachment)
      })
    })
  }

  #take(attachment: Attachment | undefined): void {
    if (attachment === undefined) return
    if (attachment.state === 'uploading' || attachment.state === 'processing') return
    this.#waiting.get(attachment.id)?.(attachment)
    this.#waiting.delete(attachment.id)
  }
}
