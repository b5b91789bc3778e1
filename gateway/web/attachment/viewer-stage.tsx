import type { MessageAttachment } from '@satchel/client'
import { Icon } from '../ui/icon.tsx'
import { ViewedPicture } from './viewed-picture.tsx'

interface ViewerStageProps {
  readonly attachment: MessageAttachment
  /** Absent at the first and at the last picture. */
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
      <ViewedPicture key={attachment.id} attachment={attachment} />
      {onPrevious !== undefined && (
        <button
          type="button"
          class="icon-button step previous"
          aria-label="Previous picture"
          onClick={onPrevious}
        >
          <Icon name="back" />
        </button>
      )}
      {onNext !== undefined && (
        <button
          type="button"
          class="icon-button step next"
          aria-label="Next picture"
          onClick={onNext}
        >
          <Icon name="forward" />
        </button>
      )}
    </div>
  )
}
