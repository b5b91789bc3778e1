import type { MessageAttachment } from '@satchel/client'
import type { RefObject } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { findVariant } from '../attachment/pick-variant.ts'
import { useSession } from '../session/session-context.ts'
import { useChange } from '../ui/use-change.ts'
import { VideoPlayback } from './video-playback.ts'

/** Plays the attachment in this element for as long as the component is there. */
export function useVideoPlayback(
  video: RefObject<HTMLVideoElement | null>,
  attachment: MessageAttachment,
): VideoPlayback | undefined {
  const { chat } = useSession()
  const [playback, setPlayback] = useState<VideoPlayback | undefined>()
  useChange(playback)
  useEffect(() => {
    const element = video.current
    if (element === null) return undefined
    const started = new VideoPlayback({
      element,
      link: (variant) => chat.link(attachment, variant),
      hasStream: findVariant(attachment, 'hls') !== undefined,
    })
    setPlayback(started)
    void started.start()
    return () => started.close()
    // What is made of the video meanwhile (its attachment is another object then) does not interrupt it.
  }, [chat, video, attachment.id])
  return playback
}
