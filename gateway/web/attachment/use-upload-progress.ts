import type { MessageAttachment } from '@satchel/client'
import { useUpload } from './use-upload.ts'

export interface UploadProgressShown {
  /** 0 to 1; absent when unknown. */
  readonly done: number | undefined
  readonly label: string
  readonly cancel: (() => void) | undefined
}

/** How far an attachment is on its way: the own upload, or what its sender tells. */
export function useUploadProgress(
  attachment: MessageAttachment,
  isOwn: boolean,
): UploadProgressShown {
  const upload = useUpload(attachment.id, isOwn)
  const isSending = attachment.state === 'uploading' && upload?.status !== 'complete'
  if (!isSending) return { done: undefined, label: 'Being prepared', cancel: undefined }
  const sentBytes = upload?.sentBytes ?? attachment.sentBytes
  const done = sentBytes === undefined ? undefined : sentBytes / Math.max(attachment.sizeBytes, 1)
  const cancel = upload === undefined ? undefined : () => upload.cancel()
  return { done, label: `Sending ${attachment.name}`, cancel }
}
