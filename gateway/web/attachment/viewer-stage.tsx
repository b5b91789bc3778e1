import type { MessageAttachment } from '@satchel/client'
import { Icon } from '../ui/icon.tsx'
import { ViewedVisual } from './viewed-visual.tsx'

interface ViewerStageProps {
  readonly attachment: MessageAttachment
  /** Absent at the first and at the last. */
  readonly onPrevious: (() => void) | undefined
  readonly onNext: (() => void) | undefined
  readonly onLeave: () => void
}

export function ViewerStage({ attachment, onPrevious, onNext, onLeave }: ViewerStageProps) {
  return (
    <div
      class="stage"
      onClick={(event) => {
        if (event.target === event.currentTarget) onLeave()
      }}
    >
      <ViewedVisual key={attachment.id} attachment={attachment} />
      {onPrevious !== undefined && (
        <button
          type="button"
          class="icon-button step previous"
          aria-label="Previous"
          onClick={onPrevious}
        >
          <Icon name="back" />
        </button>
      )}
      {onNext !== undefined && (
        <button type="button" class="icon-button step next" aria-label="Next" onClick={onNext}>
          <Icon name="forward" />
        </button>
      )}
    </div>
  )
}
