import type { MessageAttachment } from '@satchel/client'
import { useMemo, useState } from 'preact/hooks'
import { useSession } from '../session/session-context.ts'
import { pickPicture } from './pick-variant.ts'
import { thumbhashUrl } from './thumbhash-url.ts'
import { useLink } from './use-link.ts'

/** One picture as large as the window: first what is there already, then the sharpest that makes sense here. */
export function ViewedPicture({ attachment }: { readonly attachment: MessageAttachment }) {
  const { previews } = useSession()
  const [isLoaded, setLoaded] = useState(false)
  const small = useLink(attachment, pickPicture(attachment, 320)?.name)
  const pixels = Math.max(innerWidth, innerHeight) * devicePixelRatio
  const large = useLink(attachment, pickPicture(attachment, pixels)?.name)
  const blur = useMemo(() => thumbhashUrl(attachment.thumbhash), [attachment.thumbhash])
  const first = previews.get(attachment.id)?.url ?? small ?? blur
  return (
    <>
      {!isLoaded && first !== undefined && <img src={first} alt="" />}
      {large !== undefined && (
        <img
          class={isLoaded ? 'shown' : ''}
          src={large}
          alt={attachment.alt ?? attachment.name}
          width={attachment.width}
          height={attachment.height}
          onLoad={() => setLoaded(true)}
        />
      )}
    </>
  )
}
