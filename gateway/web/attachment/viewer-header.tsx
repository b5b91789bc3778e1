import { useSession } from '../session/session-context.ts'
import { Icon } from '../ui/icon.tsx'
import { completeTime } from '../words/describe-time.ts'
import type { ShownVisual } from './list-visuals.ts'

interface ViewerHeaderProps {
  readonly shown: ShownVisual
  /** “2 of 5”. */
  readonly position: string
  readonly onDownload: () => void
  readonly onClose: () => void
}

export function ViewerHeader({ shown, position, onDownload, onClose }: ViewerHeaderProps) {
  const { names } = useSession()
  const { message, attachment } = shown
  const author = message.mine ? 'You' : names.nameOf(message.authorId)
  const note = [completeTime(message.timeMs), position].filter((words) => words !== '')
  return (
    <header>
      <div>
        <b class="truncate">{author}</b>
        <span class="note truncate">{note.join(' · ')}</span>
      </div>
      <button
        type="button"
        class="icon-button"
        aria-label={`Download ${attachment.name}`}
        title="Download (D)"
        onClick={onDownload}
      >
        <Icon name="download" />
      </button>
      <button
        type="button"
        class="icon-button"
        aria-label="Close"
        title="Close (Escape)"
        // Whoever presses Enter at once must not begin a download.
        autofocus
        onClick={onClose}
      >
        <Icon name="close" />
      </button>
    </header>
  )
}
