import type { MessageAttachment } from '@satchel/client'
import { ProgressRing } from './progress-ring.tsx'
import { useUploadProgress } from './use-upload-progress.ts'

interface PictureProgressProps {
  readonly attachment: MessageAttachment
  readonly isOwn: boolean
}

/** Over a picture that cannot be opened yet. */
export function PictureProgress({ attachment, isOwn }: PictureProgressProps) {
  const { done, label, cancel } = useUploadProgress(attachment, isOwn)
  return (
    <span class="over">
      <ProgressRing done={done} label={label} onCancel={cancel} />
    </span>
  )
}
