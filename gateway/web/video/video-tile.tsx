import type { MessageAttachment } from '@satchel/client'
import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import type { Frame } from '../attachment/frame.ts'
import { useConversation } from '../conversation/conversation-context.ts'
import { Icon } from '../ui/icon.tsx'
import { labelOf } from '../words/describe-attachment.ts'
import { describeDuration, spellDuration } from '../words/describe-duration.ts'
import { VideoPlayer } from './video-player.tsx'

interface VideoTileProps {
  readonly attachment: MessageAttachment
  readonly frame: Frame
  /** There is room to play it where it stands; otherwise it opens in the viewer. */
  readonly isInline: boolean
  /** The poster. */
  readonly children: ComponentChildren
}

/** A video in a conversation: its poster until somebody wants to see it. */
export function VideoTile({ attachment, frame, isInline, children }: VideoTileProps) {
  const { actions } = useConversation()
  const [isPlaying, setPlaying] = useState(false)
  if (isPlaying) {
    return (
      <div {...frame} class={`${frame.class} playing`}>
        <VideoPlayer
          attachment={attachment}
          onExpand={() => {
            setPlaying(false)
            actions.view(attachment)
          }}
        />
      </div>
    )
  }
  const { durationMs } = attachment
  const length = durationMs === undefined ? '' : `, ${spellDuration(durationMs)}`
  return (
    <button
      {...frame}
      class={`${frame.class} video`}
      type="button"
      aria-label={`Play: ${labelOf(attachment)}${length}`}
      onClick={() => {
        if (isInline) setPlaying(true)
        else actions.view(attachment)
      }}
    >
      {children}
      <span class="play-disc">
        <Icon name="play" size={26} />
      </span>
      {durationMs !== undefined && <span class="corner-note">{describeDuration(durationMs)}</span>}
    </button>
  )
}
