import type { MessageAttachment } from '@satchel/client'
import { useMemo, useState } from 'preact/hooks'
import { useSession } from '../session/session-context.ts'
import { pickPicture } from './pick-variant.ts'
import { thumbhashUrl } from './thumbhash-url.ts'
import { useLink } from './use-link.ts'

interface PictureLayersProps {
  readonly attachment: MessageAttachment
  /** How wide it is shown, in CSS pixels. */
  readonly width: number
  readonly isRevealed: boolean
}

const RETRIES = 2

/** What is there already (the own file, or the blurred placeholder), and over it the preview once it is loaded. */
export function PictureLayers({ attachment, width, isRevealed }: PictureLayersProps) {
  const { previews } = useSession()
  const [isLoaded, setLoaded] = useState(false)
  const [failed, setFailed] = useState(0)
  const variant = pickPicture(attachment, width * devicePixelRatio)
  const url = useLink(attachment, variant?.name, failed)
  const blur = useMemo(() => thumbhashUrl(attachment.thumbhash), [attachment.thumbhash])
  const first = (isRevealed ? previews.get(attachment.id)?.url : undefined) ?? blur
  return (
    <>
      {first !== undefined && <img class="placeholder" src={first} alt="" />}
      {url !== undefined && isRevealed && (
        <img
          class={`sharp ${isLoaded ? 'shown' : ''}`}
          src={url}
          alt=""
          draggable={false}
          onLoad={() => setLoaded(true)}
          onError={() => setFailed((count) => Math.min(count + 1, RETRIES))}
        />
      )}
    </>
  )
}
