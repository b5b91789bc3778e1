import { newAttachmentId } from '@satchel/protocol'
import { requireAttachmentTarget, type AttachmentTarget } from './attachment-target.ts'
import type { Connection } from './connection.ts'
import { requirePlace, type AttachmentPlace } from './links.ts'
import type { MessageAttachment } from './message.ts'
import type { OutgoingAttachment } from './outgoing.ts'

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
