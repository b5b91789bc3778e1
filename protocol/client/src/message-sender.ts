import { ChatError } from '@satchel/protocol'
import type { CommandResult, RequestedCommand, Seq } from '@satchel/protocol'
import { checkCommand } from './check-command.ts'
import { draftMessage } from './draft-message.ts'
import type { FoldContext } from './folded-message.ts'
import { forwardedFile, type ForwardedFile } from './forward-attachment.ts'
import type { Message } from './message.ts'
import type { QueuedCommand } from './outbox-item.ts'
import type { Outbox } from './outbox.ts'
import { listAttachments, sendCommand } from './outgoing.ts'
import type { OutgoingMessage, SendMessageCommand } from './outgoing.ts'
import type { Timeline } from './timeline.ts'
import type { Upload } from './upload.ts'

export interface MessageSenderDeps {
  readonly outbox: () => Outbox
  readonly timeline: Timeline
  readonly context: () => FoldContext
  readonly findUpload: (attachmentId: string) => Upload | undefined
  /** A message is about to be shown. */
  readonly onSend: () => void
  /** A message shown has its place. */
  readonly onSettled: (seq: Seq) => void
  /** A command has its final answer. */
  readonly onResult: (result: CommandResult) => void
}

/** A message to send, and what is to be there before the server gets it. */
interface Outgoing {
  readonly command: SendMessageCommand
  readonly uploads: readonly Upload[]
  readonly forwards: readonly ForwardedFile[]
}

/** Puts commands into a conversation's line, and shows own messages before they have arrived. */
export class MessageSender {
  readonly #deps: MessageSenderDeps
  /** What failed messages were sent with, by key. */
  readonly #failed = new Map<string, Outgoing>()

  constructor(deps: MessageSenderDeps) {
    this.#deps = deps
  }

  /** Throws when the command can never be accepted as it is. */
  command(command: RequestedCommand): Promise<CommandResult> {
    checkCommand(command)
    return this.#watch(this.#deps.outbox().add(command))
  }

  send(message: OutgoingMessage): Promise<CommandResult> {
    const uploads = listAttachments(message).flatMap(({ upload }) => upload ?? [])
    return this.#send({ command: sendCommand(message), uploads, forwards: [] })
  }

  /** Words and files of a message, as a new one. Throws `no_such_attachment` where the message is not sent. */
  forward({ text, attachments }: Message): Promise<CommandResult> {
    const ready = attachments.filter(({ state }) => state === 'ready')
    const forwards = ready.map(forwardedFile)
    const words = forwards.map(({ attachmentId, source: { alt, caption, spoiler } }) => {
      return { id: attachmentId, alt, caption, spoiler }
    })
    const command = sendCommand({ text: text === '' ? undefined : text, attachments: words })
    return this.#send({ command, uploads: [], forwards })
  }

  /** A failed message, once more and as a new one. */
  retry(key: string): Promise<CommandResult> {
    const failed = this.#failed.get(key)
    if (failed === undefined)
      throw new ChatError('no_such_message', `no message "${key}" has failed`)
    this.discard(key)
    for (const upload of failed.uploads) upload.retry()
    return this.#send(failed)
  }

  discard(key: string): void {
    this.#failed.delete(key)
    this.#deps.timeline.removeLocal(key)
  }

  /** A message of an earlier page is in the line again. */
  showRestored(queued: QueuedCommand): void {
    const { command } = queued
    const result =
      command?.kind === 'send_message'
        ? this.#show(queued, { command, uploads: [], forwards: queued.forwards })
        : this.#watch(queued)
    // Whoever asked is gone; a message shows its failure itself.
    result.catch(() => undefined)
  }

  #send(outgoing: Outgoing): Promise<CommandResult> {
    const { command, uploads, forwards } = outgoing
    checkCommand(command)
    const begun = Promise.all(uploads.map((upload) => upload.begun))
    const outbox = this.#deps.outbox()
    const queued = outbox.add(uploads.length === 0 ? command : begun.then(() => command), forwards)
    for (const upload of uploads) upload.noteInMessage()
    return this.#show(queued, outgoing)
  }

  #show(queued: QueuedCommand, outgoing: Outgoing): Promise<CommandResult> {
    const { timeline, context, findUpload, onSend, onSettled } = this.#deps
    onSend()
    timeline.addLocal(draftMessage(context(), queued, outgoing.command, findUpload))
    const result = this.#watch(queued)
    result.then(
      ({ seq }) => {
        if (seq === undefined) return
        timeline.settleLocal(queued.key, seq)
        onSettled(seq)
      },
      (error: unknown) => {
        if (!(error instanceof ChatError)) return
        this.#failed.set(queued.key, outgoing)
        timeline.failLocal(queued.key, error)
      },
    )
    return result
  }

  async #watch(queued: QueuedCommand): Promise<CommandResult> {
    const result = await queued.result
    this.#deps.onResult(result)
    return result
  }
}
