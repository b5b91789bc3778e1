import type { AttachmentId, ConversationId, UserId } from '@satchel/protocol'
import type { UploadDeps } from './upload-deps.ts'

export interface UploadProgress {
  readonly conversationId: ConversationId
  readonly attachmentId: AttachmentId
  readonly sentBytes: number
  readonly sizeBytes: number
}

/**
 * What recipients are told when a sender signals progress: nothing unless the upload is the sender's,
 * still under way, and in a message.
 */
export async function readUploadProgress(
  deps: Pick<UploadDeps, 'attachments'>,
  userId: UserId,
  attachmentId: AttachmentId,
  sentBytes: number,
): Promise<UploadProgress | undefined> {
  const row = await deps.attachments.read(attachmentId)
  if (row?.uploaderId !== userId || row.state !== 'uploading') return undefined
  if (row.messageSeq === undefined || row.detached === true) return undefined
  const { conversationId, sizeBytes } = row
  return { conversationId, attachmentId, sentBytes: Math.min(sentBytes, sizeBytes), sizeBytes }
}
