import type { Attachment, Variant } from '@satchel/protocol'

type Stored = Pick<Attachment, 'state' | 'variants'>

/** The smallest preview that is at least `width` device pixels wide; otherwise the widest there is. */
export function pickPicture(attachment: Stored, width: number): Variant | undefined {
  const pictures = variantsOf(attachment)
    .filter(isPreview)
    .sort((a, b) => (a.width ?? 0) - (b.width ?? 0))
  return pictures.find((variant) => (variant.width ?? 0) >= width) ?? pictures.at(-1)
}

/** What is downloaded: the whole file; of pictures the copy without what the camera wrote about place and time. */
export function pickDownload(attachment: Stored): Variant | undefined {
  const whole = variantsOf(attachment).filter((variant) => !isPreview(variant))
  return whole.find(({ name }) => name !== 'original') ?? whole[0]
}

function variantsOf({ state, variants = [] }: Stored): readonly Variant[] {
  return state === 'ready' ? variants : []
}

/** Previews are named after their width: `w800`. */
function isPreview({ name, contentType }: Variant): boolean {
  return /^w\d+$/.test(name) && contentType.startsWith('image/')
}
