import type { MessageAttachment } from '@satchel/client'
import { useEffect, useRef } from 'preact/hooks'
import { pickPicture } from '../attachment/pick-variant.ts'
import { RetryButton } from '../attachment/retry-button.tsx'
import { useLink } from '../attachment/use-link.ts'
import { Icon } from '../ui/icon.tsx'
import { labelOf } from '../words/describe-attachment.ts'
import { QualityButton } from './quality-button.tsx'
import { useVideoPlayback } from './use-video-playback.ts'

interface VideoPlayerProps {
  readonly attachment: MessageAttachment
  /** Shows it larger; absent where it is as large as it gets. */
  readonly onExpand?: (() => void) | undefined
}

/** Plays a video at once, with the browser's own controls and, where there are several, a choice of quality. */
export function VideoPlayer({ attachment, onExpand }: VideoPlayerProps) {
  const video = useRef<HTMLVideoElement>(null)
  const playback = useVideoPlayback(video, attachment)
  const poster = useLink(attachment, pickPicture(attachment, 800)?.name)
  // Space, arrows and M go to the video from here on.
  useEffect(() => video.current?.focus({ preventScroll: true }), [])
  return (
    <div class="video-player">
      <video
        ref={video}
        controls
        autoplay
        playsInline
        preload="auto"
        tabIndex={0}
        poster={poster}
        width={attachment.width}
        height={attachment.height}
        aria-label={labelOf(attachment)}
      />
      <div class="video-tools">
        {playback !== undefined && playback.heights.length > 1 && (
          <QualityButton playback={playback} />
        )}
        {onExpand !== undefined && (
          <button
            type="button"
            class="icon-button"
            aria-label="Show larger"
            title="Show larger"
            onClick={onExpand}
          >
            <Icon name="expand" />
          </button>
        )}
      </div>
      {playback?.hasFailed === true && (
        <div class="over" role="alert">
          This video could not be played
          <RetryButton onRetry={() => void playback.start()} />
        </div>
      )}
    </div>
  )
}
