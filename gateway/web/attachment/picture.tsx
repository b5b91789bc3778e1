import type { MessageAttachment } from '@satchel/client'
import { useMemo, useState } from 'preact/hooks'
import { useConversation } from '../conversation/conversation-context.ts'
import { useSession } from '../session/session-context.ts'
import { Icon } from '../ui/icon.tsx'
import { pickPicture } from './pick-variant.ts'
import { pictureBox } from './picture-box.ts'
import { PictureProgress } from './picture-progress.tsx'
import { thumbhashUrl } from './thumbhash-url.ts'
import { useLink } from './use-link.ts'

interface PictureProps {
  readonly attachment: MessageAttachment
  readonly isOwn: boolean
  readonly layout: 'single' | 'half' | 'third'
}

const GRID_CELL = 210
const RETRIES = 2

export function Picture({ attachment, isOwn, layout }: PictureProps) {
  const { previews } = useSession()
  const { actions } = useConversation()
  const [isRevealed, setRevealed] = useState(attachment.spoiler !== true)
  const [isLoaded, setLoaded] = useState(false)
  const [failed, setFailed] = useState(0)
  const local = previews.get(attachment.id)
  const width = attachment.width ?? local?.width
  const height = attachment.height ?? local?.height
  const box = layout === 'single' ? pictureBox(width, height) : undefined
  const wanted = (box?.width ?? GRID_CELL) * devicePixelRatio
  const variant = pickPicture(attachment, wanted)
  const url = useLink(attachment, variant?.name, failed)
  const blur = useMemo(() => thumbhashUrl(attachment.thumbhash), [attachment.thumbhash])
  const label = attachment.alt ?? `Photo ${attachment.name}`
  const isReady = attachment.state === 'ready'
  const open = (): void => {
    if (isRevealed) actions.view(attachment)
    else setRevealed(true)
  }
  const style =
    box === undefined
      ? {}
      : {
          width: `min(${String(box.width)}px, 70vw)`,
          aspectRatio: `${String(box.width)} / ${String(box.height)}`,
        }
  const content = (
    <>
      {local !== undefined ? (
        <img src={local.url} alt="" />
      ) : (
        blur !== undefined && <img src={blur} alt="" />
      )}
      {url !== undefined && isRevealed && (
        <img
          class={`sharp ${isLoaded ? 'shown' : ''}`}
          src={url}
          alt={label}
          draggable={false}
          onLoad={() => setLoaded(true)}
          onError={() => setFailed((count) => Math.min(count + 1, RETRIES))}
        />
      )}
      {!isRevealed && (
        <span class="over spoiler">
          <Icon name="image" />
          Show picture
        </span>
      )}
      {!isReady && <PictureProgress attachment={attachment} isOwn={isOwn} />}
    </>
  )
  const classes = `picture ${layout === 'half' ? 'half' : ''}`
  if (!isReady) {
    return (
      <div class={classes} style={style} role="img" aria-label={label}>
        {content}
      </div>
    )
  }
  return (
    <button type="button" class={classes} style={style} aria-label={label} onClick={open}>
      {content}
    </button>
  )
}
