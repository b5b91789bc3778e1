import type { MessageAttachment } from '@satchel/client'
import { useState } from 'preact/hooks'
import { AnimationTile } from '../animation/animation-tile.tsx'
import { useConversation } from '../conversation/conversation-context.ts'
import { useSession } from '../session/session-context.ts'
import { Icon } from '../ui/icon.tsx'
import { VideoTile } from '../video/video-tile.tsx'
import { labelOf } from '../words/describe-attachment.ts'
import type { Frame } from './frame.ts'
import { pictureBox } from './picture-box.ts'
import type { Box } from './picture-box.ts'
import { PictureLayers } from './picture-layers.tsx'
import { PictureProgress } from './picture-progress.tsx'
import { shownAs } from './shown-as.ts'

interface VisualProps {
  readonly attachment: MessageAttachment
  readonly isOwn: boolean
  readonly layout: 'single' | 'half' | 'third'
}

const GRID_CELL: Box = { width: 210, height: 210 }

/** Picture, animation or video in a conversation; takes the same room before, while, and after it is loaded. */
export function Visual({ attachment, isOwn, layout }: VisualProps) {
  const { previews } = useSession()
  const { actions } = useConversation()
  const [isRevealed, setRevealed] = useState(attachment.spoiler !== true)
  const preview = previews.get(attachment.id)
  const size = attachment.width === undefined ? preview : attachment
  const box = layout === 'single' ? pictureBox(size?.width, size?.height) : GRID_CELL
  const frame: Frame = {
    class: `picture ${layout === 'half' ? 'half' : ''}`,
    style: layout === 'single' ? styleOf(box) : {},
  }
  const label = labelOf(attachment)
  const layers = <PictureLayers attachment={attachment} width={box.width} isRevealed={isRevealed} />
  if (attachment.state !== 'ready') {
    return (
      <div {...frame} role="group" aria-label={label}>
        {layers}
        <PictureProgress attachment={attachment} isOwn={isOwn} />
      </div>
    )
  }
  const shown = shownAs(attachment, preview !== undefined)
  if (!isRevealed) {
    return (
      <button {...frame} type="button" aria-label={label} onClick={() => setRevealed(true)}>
        {layers}
        <span class="over spoiler">
          <Icon name="hidden" />
          {shown === 'video' ? 'Show video' : 'Show picture'}
        </span>
      </button>
    )
  }
  if (shown === 'video') {
    const isInline = layout === 'single'
    return (
      <VideoTile attachment={attachment} frame={frame} isInline={isInline}>
        {layers}
      </VideoTile>
    )
  }
  if (shown === 'animation') {
    return (
      <AnimationTile attachment={attachment} frame={frame}>
        {layers}
      </AnimationTile>
    )
  }
  return (
    <button {...frame} type="button" aria-label={label} onClick={() => actions.view(attachment)}>
      {layers}
    </button>
  )
}

function styleOf({ width, height }: Box): Frame['style'] {
  return {
    width: `min(${String(width)}px, 70vw)`,
    aspectRatio: `${String(width)} / ${String(height)}`,
  }
}
