import type { Attachment } from '@satchel/protocol'
import { isWithheld, kindOfFile } from '../words/describe-attachment.ts'
import { findVariant, pickPicture } from './pick-variant.ts'

/** What somebody sees of an attachment: the first three have a picture, the others are cards. */
export type ShownAs = 'picture' | 'animation' | 'video' | 'audio' | 'file'

type Described = Pick<Attachment, 'state' | 'variants' | 'contentType' | 'name'>

/**
 * Once it is ready, what it can be shown as goes by what was made of it: without anything to look at or
 * to play it is a file, whatever it is called.
 */
export function shownAs(attachment: Described, hasLocalPreview: boolean): ShownAs {
  switch (attachment.state) {
    case 'uploading':
    case 'processing':
      return expectedAs(attachment)
    case 'ready':
      return madeAs(attachment, hasLocalPreview)
    default:
      return 'file'
  }
}

export function isVisual(attachment: Described, hasLocalPreview: boolean): boolean {
  const shown = shownAs(attachment, hasLocalPreview)
  return shown === 'picture' || shown === 'animation' || shown === 'video'
}

function expectedAs(attachment: Described): ShownAs {
  const kind = kindOfFile(attachment)
  if (kind === 'photo') return 'picture'
  return kind === 'video' ? 'video' : 'file'
}

function madeAs(attachment: Described, hasLocalPreview: boolean): ShownAs {
  const played = findVariant(attachment, 'play')?.contentType
  if (played !== undefined) return played.startsWith('audio/') ? 'audio' : 'video'
  const moves = ['animated', 'loop'].some((name) => findVariant(attachment, name) !== undefined)
  if (moves) return 'animation'
  const hasPicture = pickPicture(attachment, 1) !== undefined
  const isSeenHere = hasLocalPreview && kindOfFile(attachment) === 'photo'
  return hasPicture || (isSeenHere && !isWithheld(attachment)) ? 'picture' : 'file'
}
