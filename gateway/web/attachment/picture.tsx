import type { MessageAttachment } from '@satchel/client'
import { useState } from 'preact/hooks'
import { useConversation } from '../conversation/conversation-context.ts'
import { useSession } from '../session/session-context.ts'
import { Icon } from '../ui/icon.tsx'
import { pictureBox } from './picture-box.ts'
import type { Box } from './picture-box.ts'
import { PictureLayers } from './picture-layers.tsx'
import { PictureProgress } from './picture-progress.tsx'

interface PictureProps {
  readonly attachment: MessageAttachment
  readonly isOwn: boolean
  readonly layout: 'single' | 'half' | 'third'
}

const GRID_CELL: Box = { width: 210, height: 210 }

/** A picture in a conversation; takes the same room before, while, and after it is loaded. */
export function Picture({ attachment, isOwn, layout }: PictureProps) {
  const { previews } = useSession()
  const { actions } = useConversation()
  const [isRevealed, setRevealed] = useState(attachment.spoiler !== true)
  const size = attachment.width === undefined ? previews.get(attachment.id) : attachment
  const box = layout === 'single' ? pictureBox(size?.width, size?.height) : GRID_CELL
  const shape = {
    class: `picture ${layout === 'half' ? 'half' : ''}`,
    style: layout === 'single' ? styleOf(box) : {},
    'aria-label': attachment.alt ?? `Photo ${attachment.name}`,
  }
  const layers = <PictureLayers attachment={attachment} width={box.width} isRevealed={isRevealed} />
  if (attachment.state !== 'ready') {
    return (
      <div {...shape} role="group">
        {layers}
        <PictureProgress attachment={attachment} isOwn={isOwn} />
      </div>
    )
  }
  return (
    <button
      {...shape}
      type="button"
      onClick={() => {
        if (isRevealed) actions.view(attachment)
        else setRevealed(true)
      }}
    >
      {layers}
      {!isRevealed && (
        <span class="over spoiler">
          <Icon name="image" />
          Show picture
        </span>
      )}
    </button>
  )
}

function styleOf({ width, height }: Box) {
  return {
    width: `min(${String(width)}px, 70vw)`,
    aspectRatio: `${String(width)} / ${String(height)}`,
  }
}
