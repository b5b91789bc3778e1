import type { MessageAttachment } from '@satchel/client'
import { useConversation } from '../conversation/conversation-context.ts'
import { Icon } from '../ui/icon.tsx'
import { describeLack, isWithheld, titleOf } from '../words/describe-attachment.ts'
import { describeSize } from '../words/describe-size.ts'
import { FileGlyph } from './file-glyph.tsx'
import { FileProgress } from './file-progress.tsx'
import { FileWords } from './file-words.tsx'
import { RefusedCard } from './refused-card.tsx'

interface FileCardProps {
  readonly attachment: MessageAttachment
  readonly isOwn: boolean
}

/** A file that is not shown itself: what it is, and how to get it, or why that is not possible. */
export function FileCard({ attachment, isOwn }: FileCardProps) {
  const { actions } = useConversation()
  const { name, sizeBytes, state, contentType } = attachment
  const size = describeSize(sizeBytes)
  if (isRefused(state) || isWithheld(attachment)) {
    return <RefusedCard attachment={attachment} isOwn={isOwn} />
  }
  if (state !== 'ready') return <FileProgress attachment={attachment} isOwn={isOwn} />
  return (
    <button
      type="button"
      class="file-card"
      aria-label={`Download ${name}, ${size}`}
      onClick={() => actions.download(attachment)}
    >
      <FileGlyph name={name} contentType={contentType} />
      <FileWords name={titleOf(attachment)} note={[size, describeLack(attachment)].join('')} />
      <Icon name="download" />
    </button>
  )
}

function isRefused(state: MessageAttachment['state']): boolean {
  return state === 'rejected' || state === 'failed' || state === 'expired'
}
