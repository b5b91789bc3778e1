import { parseUserId } from '@satchel/protocol'
import type { FoldContext } from './folded-message.ts'
import { placeAttachment } from './folded-message.ts'
import type { Message } from './message.ts'
import type { QueuedCommand } from './outbox-item.ts'
import type { SendMessageCommand } from './outgoing.ts'
import type { Upload } from './upload.ts'

/** What `messages` shows of a message that is on its way; `uploads` are those of this page. */
export function draftMessage(
  context: FoldContext,
  queued: Pick<QueuedCommand, 'key' | 'queuedAtMs' | 'forwards'>,
  command: SendMessageCommand,
  findUpload: (attachmentId: string) => Upload | undefined,
): Message {
  const attachments = (command.attachments ?? []).map((reference) => {
    const forward = queued.forwards.find(({ attachmentId }) => attachmentId === reference.id)
    // It has no place of its own yet, and can be looked at where it comes from.
    if (forward !== undefined)
      return placeAttachment(forward.from, forward.from.seq, forward.source)
    const upload = findUpload(reference.id)
    return placeAttachment(context, undefined, {
      ...reference,
      version: 1,
      state: 'uploading',
      name: upload?.name ?? '',
      sizeBytes: upload?.totalBytes ?? 0,
      contentType: upload?.contentType ?? 'application/octet-stream',
    })
  })
  return {
    key: queued.key,
    conversationId: context.conversationId,
    seq: undefined,
    ordinal: undefined,
    timeMs: queued.queuedAtMs,
    // Before the first session nobody has told this client whose it is.
    authorId: context.myId ?? unknownUser(),
    mine: true,
    text: command.text ?? '',
    mentions: command.mentions ?? [],
    mentionAll: command.mentionAll === true,
    data: command.data,
    edited: false,
    deleted: false,
    silent: command.silent === true,
    replyTo: command.replyTo,
    attachments,
    reactions: [],
    gapBefore: false,
    local: { state: 'pending' },
  }
}

function unknownUser() {
  const unknown = parseUserId('?')
  if (unknown === undefined) throw new TypeError('"?" is a user id')
  return unknown
}
