/** Width and height in CSS pixels. */
export interface Box {
  readonly width: number
  readonly height: number
}

const LARGEST = { width: 420, height: 440 }
const SMALLEST_SIDE = 96
/** Beyond these a picture is cropped in the conversation; the viewer shows it whole. */
const NARROWEST = 0.5
const WIDEST = 2.6

/** While a picture's size is not known. */
const UNKNOWN_BOX: Box = { width: 320, height: 240 }

/** The room a single picture gets in a conversation; the same before and after it is loaded. */
export function pictureBox(width: number | undefined, height: number | undefined): Box {
  if (width === undefined || height === undefined) return UNKNOWN_BOX
  const ratio = Math.min(Math.max(width / height, NARROWEST), WIDEST)
  const fitted = Math.min(LARGEST.width, LARGEST.height * ratio, Math.max(width, SMALLEST_SIDE))
  return { width: Math.round(fitted), height: Math.round(fitted / ratio) }
}
