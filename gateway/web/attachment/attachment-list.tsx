import type { MessageAttachment } from '@satchel/client'
import { Fragment } from 'preact'
import { AudioCard } from '../audio/audio-card.tsx'
import { useSession } from '../session/session-context.ts'
import { FileCard } from './file-card.tsx'
import { isVisual, shownAs } from './shown-as.ts'
import { Visual } from './visual.tsx'

interface AttachmentListProps {
  readonly attachments: readonly MessageAttachment[]
  readonly isOwn: boolean
}

/** What can be looked at as a grid, everything else as cards below. */
export function AttachmentList({ attachments, isOwn }: AttachmentListProps) {
  const { previews } = useSession()
  const isLookedAt = (attachment: MessageAttachment): boolean =>
    isVisual(attachment, previews.get(attachment.id) !== undefined)
  const visuals = attachments.filter(isLookedAt)
  const cards = attachments.filter((attachment) => !isLookedAt(attachment))
  const isGrid = visuals.length > 1
  return (
    <div class="attachments">
      {visuals.length > 0 && (
        <div class={`image-grid ${isGrid ? 'many' : ''}`}>
          {visuals.map((attachment, index) => (
            <Visual
              key={attachment.id}
              attachment={attachment}
              isOwn={isOwn}
              layout={isGrid ? layoutOf(index, visuals.length) : 'single'}
            />
          ))}
        </div>
      )}
      {visuals.map((attachment) => (
        <Caption key={attachment.id} attachment={attachment} />
      ))}
      {cards.map((attachment) => (
        <Fragment key={attachment.id}>
          {shownAs(attachment, false) === 'audio' ? (
            <AudioCard attachment={attachment} />
          ) : (
            <FileCard attachment={attachment} isOwn={isOwn} />
          )}
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
