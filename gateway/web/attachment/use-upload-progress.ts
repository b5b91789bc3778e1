import type { MessageAttachment, Upload } from '@satchel/client'
import { useEffect, useReducer, useState } from 'preact/hooks'
import { useAttempt } from '../session/use-attempt.ts'
import { useSession } from '../session/session-context.ts'
import { useChange } from '../ui/use-change.ts'
import { describeError } from '../words/describe-error.ts'

/** Where an attachment stands that cannot be opened yet. */
export type UploadProgressShown =
  | {
      readonly kind: 'moving'
      /** 0 to 1; absent when unknown. */
      readonly done: number | undefined
      readonly label: string
      readonly cancel: (() => void) | undefined
    }
  | {
      readonly kind: 'stopped'
      readonly problem: string
      readonly retry: () => void
    }
  | {
      /** Began on a page that was left since: goes on when the file is chosen again. */
      readonly kind: 'interrupted'
      readonly resume: (file: File) => void
    }

const CHECKED = 'Being checked'

/** How far an attachment is on its way: the own upload, or what its sender tells. */
export function useUploadProgress(
  attachment: MessageAttachment,
  isOwn: boolean,
): UploadProgressShown {
  const { chat } = useSession()
  const attempt = useAttempt()
  const [, renderAgain] = useReducer((count: number) => count + 1, 0)
  const { id } = attachment
  const upload = isOwn ? chat.findUpload(id) : undefined
  useChange(upload)
  const isUploading = attachment.state === 'uploading' && upload?.status !== 'complete'
  const isInterrupted = useIsInterrupted(id, isOwn && isUploading && upload === undefined)
  if (!isUploading) return { kind: 'moving', done: undefined, label: CHECKED, cancel: undefined }
  if (upload?.status === 'failed') {
    return { kind: 'stopped', problem: describeError(upload.error), retry: () => upload.retry() }
  }
  if (isInterrupted) {
    const resume = (file: File): void =>
      attempt(chat.resumeUpload(id, file).then(() => renderAgain(undefined)))
    return { kind: 'interrupted', resume }
  }
  return movingOf(attachment, upload)
}

function movingOf(attachment: MessageAttachment, upload: Upload | undefined): UploadProgressShown {
  const { name, sizeBytes } = attachment
  const sentBytes = upload?.sentBytes ?? attachment.sentBytes
  const done = sentBytes === undefined ? undefined : sentBytes / Math.max(sizeBytes, 1)
  const cancel = upload === undefined ? undefined : () => upload.cancel()
  return { kind: 'moving', done, label: `Sending ${name}`, cancel }
}

/** Whether an upload was begun by an earlier page of this browser, and ended with it. */
function useIsInterrupted(attachmentId: string, isPossible: boolean): boolean {
  const { chat } = useSession()
  const [isInterrupted, setInterrupted] = useState(false)
  useEffect(() => {
    if (!isPossible) return undefined
    let isCurrent = true
    chat.pendingUploads().then(
      (pending) => {
        if (isCurrent) setInterrupted(pending.some((known) => known.attachmentId === attachmentId))
      },
      // Then it cannot be continued here.
      () => undefined,
    )
    return () => {
      isCurrent = false
    }
  }, [chat, attachmentId, isPossible])
  return isPossible && isInterrupted
}
