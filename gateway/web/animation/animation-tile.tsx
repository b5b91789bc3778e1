import type { MessageAttachment } from '@satchel/client'
import type { ComponentChildren } from 'preact'
import { useRef, useState } from 'preact/hooks'
import type { Frame } from '../attachment/frame.ts'
import { useConversation } from '../conversation/conversation-context.ts'
import { Icon } from '../ui/icon.tsx'
import { labelOf } from '../words/describe-attachment.ts'
import { MovingPicture } from './moving-picture.tsx'
import { useIsOnScreen } from './use-is-on-screen.ts'
import { usePrefersStillness } from './use-prefers-stillness.ts'

interface AnimationTileProps {
  readonly attachment: MessageAttachment
  readonly frame: Frame
  /** The first frame. */
  readonly children: ComponentChildren
}

/** An animated picture in a conversation: moves while it is on the screen, unless somebody wants stillness. */
export function AnimationTile({ attachment, frame, children }: AnimationTileProps) {
  const { actions } = useConversation()
  const tile = useRef<HTMLDivElement>(null)
  const isOnScreen = useIsOnScreen(tile)
  const prefersStillness = usePrefersStillness()
  const [wanted, setWanted] = useState<boolean | undefined>()
  const isPlaying = wanted ?? !prefersStillness
  const label = labelOf(attachment)
  return (
    <div {...frame} ref={tile} class={`${frame.class} animation`}>
      <button
        type="button"
        class="opener"
        aria-label={label}
        onClick={() => actions.view(attachment)}
      >
        {children}
        {isPlaying && isOnScreen && <MovingPicture attachment={attachment} />}
      </button>
      <button
        type="button"
        class={isPlaying ? 'motion-toggle' : 'motion-toggle paused'}
        aria-label={isPlaying ? 'Stop the animation' : 'Play the animation'}
        title={isPlaying ? 'Stop' : 'Play'}
        onClick={() => setWanted(!isPlaying)}
      >
        <span>
          {isPlaying ? <Icon name="pause" size={14} /> : <Icon name="play" size={14} />}GIF
        </span>
      </button>
    </div>
  )
}
