import type { MessageAttachment } from '@satchel/client'
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { useConversation } from '../conversation/conversation-context.ts'
import { listVisuals } from './list-visuals.ts'
import { ViewerHeader } from './viewer-header.tsx'
import { ViewerStage } from './viewer-stage.tsx'

interface ViewerProps {
  /** What to begin with. */
  readonly first: MessageAttachment
  readonly onClose: () => void
}

/** Pictures and videos of the conversation over the whole window: arrow keys step, Escape closes, D downloads. */
export function Viewer({ first, onClose }: ViewerProps) {
  const { conversation, actions } = useConversation()
  const dialog = useRef<HTMLDialogElement>(null)
  const [shownId, setShownId] = useState(first.id)
  useEffect(() => dialog.current?.showModal(), [])
  const { messages } = conversation
  const visuals = useMemo(() => listVisuals(messages, first.id), [messages, first.id])
  const at = visuals.findIndex(({ attachment }) => attachment.id === shownId)
  const shown = visuals[at]
  // Its message was deleted while it was looked at.
  useEffect(() => {
    if (shown === undefined) dialog.current?.close()
  }, [shown])
  const step = (by: number): void => {
    const next = visuals[at + by]
    if (next !== undefined) setShownId(next.attachment.id)
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    // There the arrows seek.
    if (event.target instanceof HTMLVideoElement) return
    if (event.key === 'ArrowLeft') step(-1)
    else if (event.key === 'ArrowRight') step(1)
    else if (event.key === 'd' && shown !== undefined) actions.download(shown.attachment)
    else return
    event.preventDefault()
  }
  return (
    <dialog
      ref={dialog}
      class="viewer"
      aria-label={shown?.attachment.alt ?? shown?.attachment.name ?? 'Picture'}
      onClose={onClose}
      onKeyDown={onKeyDown}
    >
      {shown !== undefined && (
        <>
          <ViewerHeader
            shown={shown}
            position={visuals.length > 1 ? `${String(at + 1)} of ${String(visuals.length)}` : ''}
            onDownload={() => actions.download(shown.attachment)}
            onClose={() => dialog.current?.close()}
          />
          <ViewerStage
            attachment={shown.attachment}
            onPrevious={at > 0 ? () => step(-1) : undefined}
            onNext={at < visuals.length - 1 ? () => step(1) : undefined}
            onLeave={() => dialog.current?.close()}
          />
          <footer>{shown.attachment.caption ?? shown.attachment.alt ?? ''}</footer>
        </>
      )}
    </dialog>
  )
}
