import {
  ChatError,
  type Attachment,
  type AttachmentReference,
  type ConversationId,
  type UserId,
} from '@satchel/protocol'
import { attachmentOf } from './attachment-of.ts'
import type { UploadDeps } from './upload-deps.ts'

/**
 * What is known of the attachments a message names. Refuses with `no_such_attachment` those that are not
 * the author's, or were begun for another conversation. Whether one is in a message already is not
 * looked at: this may be a message sent once more.
 */
export async function stampAttachments(
  deps: Pick<UploadDeps, 'attachments'>,
  uploaderId: UserId,
  conversationId: ConversationId,
  references: readonly AttachmentReference[],
): Promise<readonly Attachment[]> {
  if (new Set(references.map(({ id }) => id)).size < references.length) {
    throw new ChatError('bad_request', 'an attachment is named twice', { field: 'attachments' })
  }
  return Promise.all(
    references.map(async ({ id, ...words }) => {
      const row = await deps.attachments.read(id)
      if (row?.uploaderId !== uploaderId || row.conversationId !== conversationId) {
        throw new ChatError(
          'no_such_attachment',
          `${uploaderId} has no attachment ${id} for this conversation`,
        )
      }
      return attachmentOf(row, words)
    }),
  )
}
