import type { MessageAttachment } from '@satchel/client'
import { Fragment } from 'preact'
import { useSession } from '../session/session-context.ts'
import { kindOfFile } from '../words/describe-attachment.ts'
import { FileCard } from './file-card.tsx'
import { pickPicture } from './pick-variant.ts'
import { Picture } from './picture.tsx'

interface AttachmentListProps {
  readonly attachments: readonly MessageAttachment[]
  readonly isOwn: boolean
}

/** Pictures as a grid, everything else as cards below. */
export function AttachmentList({ attachments, isOwn }: AttachmentListProps) {
  const { previews } = useSession()
  const hasPicture = (attachment: MessageAttachment): boolean =>
    isPicture(attachment, previews.get(attachment.id) !== undefined)
  const pictures = attachments.filter(hasPicture)
  const files = attachments.filter((attachment) => !hasPicture(attachment))
  const isGrid = pictures.length > 1
  return (
    <div class="attachments">
      {pictures.length > 0 && (
        <div class={`image-grid ${isGrid ? 'many' : ''}`}>
          {pictures.map((attachment, index) => (
            <Picture
              key={attachment.id}
              attachment={attachment}
              isOwn={isOwn}
              layout={isGrid ? layoutOf(index, pictures.length) : 'single'}
            />
          ))}
        </div>
      )}
      {pictures.map((attachment) => (
        <Caption key={attachment.id} attachment={attachment} />
      ))}
      {files.map((attachment) => (
        <Fragment key={attachment.id}>
          <FileCard attachment={attachment} isOwn={isOwn} />
          <Caption attachment={attachment} />
        </Fragment>
      ))}
    </div>
  )
}

function Caption({ attachment: { caption } }: { readonly attachment: MessageAttachment }) {
  if (caption === undefined) return null
  return (
    <p class="caption" dir="auto">
      {caption}
    </p>
  )
}

/** Rows of three, and as many of two as it takes to leave nobody alone. */
function layoutOf(index: number, count: number): 'third' | 'half' {
  const halves = [0, 4, 2][count % 3] ?? 0
  return index < halves ? 'half' : 'third'
}

function isPicture(attachment: MessageAttachment, hasLocalPreview: boolean): boolean {
  switch (attachment.state) {
    case 'uploading':
    case 'processing':
      return kindOfFile(attachment.contentType) === 'photo'
    case 'ready':
      return pickPicture(attachment, 1) !== undefined || hasLocalPreview
    default:
      return false
  }
}
