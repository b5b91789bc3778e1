import { ChatError, newAttachmentId } from '@satchel/protocol'
import type { Attachment, AttachmentId, ForwardAttachment } from '@satchel/protocol'
import { requireAttachmentTarget, type AttachmentTarget } from './attachment-target.ts'
import type { CommandTarget } from './command-target.ts'
import type { Connection } from './connection.ts'
import { requirePlace, type AttachmentPlace } from './links.ts'
import type { MessageAttachment } from './message.ts'
import type { OutgoingAttachment } from './outgoing.ts'

/** A file of another message, on its way into one that waits in an outbox. */
export interface ForwardedFile {
  /** The new one. */
  readonly attachmentId: AttachmentId
  readonly from: ForwardAttachment['from']
  /** As it was when it was forwarded, to be shown until the message has arrived. */
  readonly source: Attachment
}

/** Makes a new attachment of the same bytes; give it to `send` there. */
export async function forwardAttachment(
  connection: Pick<Connection, 'request'>,
  attachment: MessageAttachment | AttachmentPlace,
  target: AttachmentTarget,
): Promise<OutgoingAttachment> {
  const attachmentId = newAttachmentId()
  const forward = {
    attachmentId,
    from: requirePlace(attachment),
    ...requireAttachmentTarget(target),
  }
  await connection.request({ type: 'forward_attachment', forward })
  return { id: attachmentId }
}

/** Throws `no_such_attachment` while its message is not sent. */
export function forwardedFile(attachment: MessageAttachment): ForwardedFile {
  return { attachmentId: newAttachmentId(), from: requirePlace(attachment), source: attachment }
}

/**
 * Makes the new attachments, however long there is no session. Again for the same files: changes nothing. Rejects with
 * `upload_state` when one was made so long ago, and not sent, that its bytes were let go.
 */
export async function forwardFiles(
  connection: Pick<Connection, 'request' | 'on'>,
  files: readonly ForwardedFile[],
  target: CommandTarget,
): Promise<void> {
  try {
    await Promise.all(files.map((file) => forwardFile(connection, file, target)))
  } catch (error) {
    if (!isSessionOver(error)) throw error
    await nextSession(connection)
    await forwardFiles(connection, files, target)
  }
}

async function forwardFile(
  connection: Pick<Connection, 'request'>,
  { attachmentId, from }: ForwardedFile,
  target: CommandTarget,
): Promise<void> {
  const forward = { attachmentId, from, ...target }
  const { state } = await connection.request(
    { type: 'forward_attachment', forward },
    { deadlineMs: null },
  )
  if (state !== 'ready') throw new ChatError('upload_state', `the forwarded file is ${state}`)
}

/** It is not the forwarding that was refused: there was nobody to ask any more. */
function isSessionOver(error: unknown): boolean {
  if (!(error instanceof ChatError)) return false
  return error.code === 'unavailable' || error.code === 'unauthenticated'
}

function nextSession(connection: Pick<Connection, 'on'>): Promise<void> {
  return new Promise((resolve) => {
    const stop = connection.on('live', () => {
      stop()
      resolve()
    })
  })
}
