import type { MessageAttachment } from '@satchel/client'
import { MovingPicture } from '../animation/moving-picture.tsx'
import { usePrefersStillness } from '../animation/use-prefers-stillness.ts'
import { VideoPlayer } from '../video/video-player.tsx'
import { shownAs } from './shown-as.ts'
import { ViewedPicture } from './viewed-picture.tsx'

/** As large as the window: a picture, one that moves, or a video. */
export function ViewedVisual({ attachment }: { readonly attachment: MessageAttachment }) {
  const prefersStillness = usePrefersStillness()
  const shown = shownAs(attachment, false)
  if (shown === 'video') return <VideoPlayer attachment={attachment} />
  return (
    <>
      <ViewedPicture attachment={attachment} />
      {shown === 'animation' && !prefersStillness && <MovingPicture attachment={attachment} />}
    </>
  )
}
