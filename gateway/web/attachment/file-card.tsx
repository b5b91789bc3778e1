import type { MessageAttachment } from '@satchel/client'
import { useConversation } from '../conversation/conversation-context.ts'
import { Icon } from '../ui/icon.tsx'
import { describeRefusal, extensionOf } from '../words/describe-attachment.ts'
import { describeSize } from '../words/describe-size.ts'
import { ProgressRing } from './progress-ring.tsx'
import { useUploadProgress } from './use-upload-progress.ts'

interface FileCardProps {
  readonly attachment: MessageAttachment
  readonly isOwn: boolean
}

/** A file that is not shown itself: what it is, and how to get it, or why that is not possible. */
export function FileCard({ attachment, isOwn }: FileCardProps) {
  const { actions } = useConversation()
  const { name, sizeBytes, state } = attachment
  const refusal = describeRefusal(attachment)
  const size = describeSize(sizeBytes)
  if (refusal !== undefined) {
    return (
      <div class="file-card refused">
        <span class="glyph">
          <Icon name="warning" />
        </span>
        <Words name={name} note={refusal} />
      </div>
    )
  }
  if (state !== 'ready') return <UnderWay attachment={attachment} isOwn={isOwn} />
  return (
    <button
      type="button"
      class="file-card"
      aria-label={`Download ${name}, ${size}`}
      onClick={() => actions.download(attachment)}
    >
      <span class="glyph">{extensionOf(name)}</span>
      <Words name={name} note={size} />
      <Icon name="download" />
    </button>
  )
}

function UnderWay({ attachment, isOwn }: FileCardProps) {
  const { done, label, cancel } = useUploadProgress(attachment, isOwn)
  const { name, sizeBytes } = attachment
  const sent = done === undefined ? '' : `${describeSize(Math.round(done * sizeBytes))} of `
  return (
    <div class="file-card">
      <span class="glyph">{extensionOf(name)}</span>
      <Words
        name={name}
        note={
          cancel === undefined && done === undefined ? label : `${sent}${describeSize(sizeBytes)}`
        }
      />
      <ProgressRing done={done} label={label} onCancel={cancel} small />
    </div>
  )
}

function Words({ name, note }: { readonly name: string; readonly note: string }) {
  return (
    <span class="words">
      <span class="name truncate" title={name}>
        {name}
      </span>
      <span class="note">{note}</span>
    </span>
  )
}
