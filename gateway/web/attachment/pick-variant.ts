import type { Attachment, Variant } from '@satchel/protocol'

type Stored = Pick<Attachment, 'state' | 'variants'>

/** The smallest preview that is at least `width` device pixels wide; otherwise the widest there is. */
export function pickPicture(attachment: Stored, width: number): Variant | undefined {
  const pictures = variantsOf(attachment)
    .filter(isPreview)
    .sort((a, b) => (a.width ?? 0) - (b.width ?? 0))
  return pictures.find((variant) => (variant.width ?? 0) >= width) ?? pictures.at(-1)
}

/** The variant of that name, once the attachment is there to be looked at. */
export function findVariant(attachment: Stored, name: string): Variant | undefined {
  return variantsOf(attachment).find((variant) => variant.name === name)
}

/**
 * The name to ask a link by for the whole file without what a camera wrote about place and time. It is
 * `download` also where that is the same as what is played: asked like this it is saved and not played.
 */
export function pickDownload(attachment: Stored): 'download' | 'original' | undefined {
  const has = (name: string): boolean => findVariant(attachment, name) !== undefined
  if (has('download') || has('play')) return 'download'
  return has('original') ? 'original' : undefined
}

function variantsOf({ state, variants = [] }: Stored): readonly Variant[] {
  return state === 'ready' ? variants : []
}

/** Previews are named after their width: `w800`. */
function isPreview({ name, contentType }: Variant): boolean {
  return /^w\d+$/.test(name) && contentType.startsWith('image/')
}
