import type { MessageAttachment } from '@satchel/client'
import { useState } from 'preact/hooks'
import { findVariant } from '../attachment/pick-variant.ts'
import { useLink } from '../attachment/use-link.ts'

/** The moving part, over the still one: as a silent video where there is one, since that is smaller. */
export function MovingPicture({ attachment }: { readonly attachment: MessageAttachment }) {
  const [isLoaded, setLoaded] = useState(false)
  const isLoop = findVariant(attachment, 'loop') !== undefined
  const url = useLink(attachment, isLoop ? 'loop' : 'animated')
  if (url === undefined) return null
  const shape = { class: `sharp moving ${isLoaded ? 'shown' : ''}`, src: url }
  if (isLoop) {
    return (
      <video
        {...shape}
        muted
        loop
        autoplay
        playsInline
        disablePictureInPicture
        aria-hidden="true"
        onPlaying={() => setLoaded(true)}
      />
    )
  }
  return <img {...shape} alt="" draggable={false} onLoad={() => setLoaded(true)} />
}
