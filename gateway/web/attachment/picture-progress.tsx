import type { MessageAttachment } from '@satchel/client'
import { ProgressRing } from './progress-ring.tsx'
import { ResumeButton } from './resume-button.tsx'
import { RetryButton } from './retry-button.tsx'
import { useUploadProgress } from './use-upload-progress.ts'

interface PictureProgressProps {
  readonly attachment: MessageAttachment
  readonly isOwn: boolean
}

/** Over a picture that cannot be opened yet. */
export function PictureProgress({ attachment, isOwn }: PictureProgressProps) {
  const shown = useUploadProgress(attachment, isOwn)
  return (
    <span class="over">
      {shown.kind === 'moving' && (
        <ProgressRing done={shown.done} label={shown.label} onCancel={shown.cancel} />
      )}
      {shown.kind === 'stopped' && (
        <>
          {shown.problem}
          <RetryButton onRetry={shown.retry} />
        </>
      )}
      {shown.kind === 'interrupted' && (
        <>
          Sending was interrupted
          <ResumeButton name={attachment.name} onResume={shown.resume} />
        </>
      )}
    </span>
  )
}
