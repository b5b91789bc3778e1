import type { MessageAttachment } from '@satchel/client'
import { titleOf } from '../words/describe-attachment.ts'
import { describeSize } from '../words/describe-size.ts'
import { FileGlyph } from './file-glyph.tsx'
import { FileWords } from './file-words.tsx'
import { ProgressRing } from './progress-ring.tsx'
import { ResumeButton } from './resume-button.tsx'
import { RetryButton } from './retry-button.tsx'
import { useUploadProgress } from './use-upload-progress.ts'
import type { UploadProgressShown } from './use-upload-progress.ts'

interface FileProgressProps {
  readonly attachment: MessageAttachment
  readonly isOwn: boolean
}

/** The card of a file that cannot be downloaded yet. */
export function FileProgress({ attachment, isOwn }: FileProgressProps) {
  const shown = useUploadProgress(attachment, isOwn)
  const { name, sizeBytes, contentType } = attachment
  return (
    <div class="file-card">
      <FileGlyph name={name} contentType={contentType} />
      <FileWords name={titleOf(attachment)} note={noteOf(shown, sizeBytes)} />
      {shown.kind === 'moving' && (
        <ProgressRing done={shown.done} label={shown.label} onCancel={shown.cancel} small />
      )}
      {shown.kind === 'stopped' && <RetryButton onRetry={shown.retry} />}
      {shown.kind === 'interrupted' && <ResumeButton name={name} onResume={shown.resume} />}
    </div>
  )
}

function noteOf(shown: UploadProgressShown, sizeBytes: number): string {
  const size = describeSize(sizeBytes)
  switch (shown.kind) {
    case 'stopped':
      return shown.problem
    case 'interrupted':
      return 'Sending was interrupted'
    case 'moving': {
      const { done, cancel, label } = shown
      if (done !== undefined) return `${describeSize(Math.round(done * sizeBytes))} of ${size}`
      return cancel === undefined ? label : size
    }
    default:
      return unknown(shown)
  }
}

function unknown(_: never): string {
  return ''
}
