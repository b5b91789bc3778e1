import sharp, { type Sharp } from 'sharp'

/** Written into the metadata of test images: to be found in no byte that is served. */
export const MARKER = 'MARKER-HOME-ADDRESS'

const RED = { r: 250, g: 20, b: 20 }
const GREEN = { r: 20, g: 250, b: 20 }
const BLUE = { r: 20, g: 20, b: 250 }
const WHITE = { r: 250, g: 250, b: 250 }

export type Corner = 'topLeft' | 'topRight' | 'bottomLeft' | 'bottomRight'

/** What an upright image of `fourCorners` shows where. */
export const CORNER_COLOURS = {
  topLeft: RED,
  topRight: GREEN,
  bottomLeft: BLUE,
  bottomRight: WHITE,
} as const

/** A red, a green, a blue and a white quarter. */
export async function fourCorners(width: number, height: number): Promise<Buffer> {
  const half = { width: Math.ceil(width / 2), height: Math.ceil(height / 2), channels: 3 } as const
  const [green, blue, white] = [GREEN, BLUE, WHITE].map((background) => ({
    create: { ...half, background },
  }))
  const left = Math.floor(width / 2)
  const top = Math.floor(height / 2)
  return sharp({ create: { width, height, channels: 3, background: RED } })
    .composite([
      { input: green!, left, top: 0 },
      { input: blue!, left: 0, top },
      { input: white!, left, top },
    ])
    .png()
    .toBuffer()
}

/** How the pixels of an upright image lie in a file that says to turn it: the inverse of what Exif asks. */
export async function stored(upright: Buffer, orientation: number): Promise<Buffer> {
  const turned = async (degrees: number): Promise<Buffer> =>
    sharp(upright).rotate(degrees).png().toBuffer()
  switch (orientation) {
    case 2:
      return sharp(upright).flop().toBuffer()
    case 3:
      return turned(180)
    case 4:
      return sharp(upright).flip().toBuffer()
    case 5:
      return sharp(await turned(90))
        .flop()
        .toBuffer()
    case 6:
      return turned(270)
    case 7:
      return sharp(await turned(90))
        .flip()
        .toBuffer()
    case 8:
      return turned(90)
    default:
      return upright
  }
}

/** A JPEG as a phone writes it: turned, with place and camera in its Exif, and the marker in it. */
export async function phoneJpeg(upright: Buffer, orientation: number): Promise<Buffer> {
  return sharp(await stored(upright, orientation))
    .withExif({
      IFD0: { ImageDescription: MARKER, Make: 'Satchel Phone' },
      IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '52/1 31/1 12/1' },
    })
    .withXmp(`<x:xmpmeta xmlns:x="adobe:ns:meta/">${MARKER}</x:xmpmeta>`)
    .withMetadata({ orientation })
    .jpeg({ quality: 90 })
    .toBuffer()
}

/** The colour in the middle of a quarter. */
export async function colourIn(image: Buffer, corner: Corner) {
  const { data, info } = await sharp(image)
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true })
  const x = Math.floor(info.width * (corner.endsWith('Left') ? 0.25 : 0.75))
  const y = Math.floor(info.height * (corner.startsWith('top') ? 0.25 : 0.75))
  const at = (y * info.width + x) * info.channels
  return { r: data[at] ?? -1, g: data[at + 1] ?? -1, b: data[at + 2] ?? -1 }
}

export function isNear(
  one: { readonly r: number; readonly g: number; readonly b: number },
  other: { readonly r: number; readonly g: number; readonly b: number },
): boolean {
  const far = Math.max(
    Math.abs(one.r - other.r),
    Math.abs(one.g - other.g),
    Math.abs(one.b - other.b),
  )
  return far <= 30
}

/** Grainy, as photos are. */
export async function noise(width: number, height: number): Promise<Buffer> {
  return sharp({
    create: {
      width,
      height,
      channels: 3,
      background: '#808080',
      noise: { type: 'gaussian', mean: 128, sigma: 30 },
    },
  })
    .png({ compressionLevel: 1 })
    .toBuffer()
}

/** A frame of each colour, at least two, still to be encoded. */
export async function animationOf(
  colours: readonly string[],
  width: number,
  height: number,
): Promise<Sharp> {
  const frames = colours.map((background) =>
    sharp({ create: { width, height, channels: 3, background } })
      .png()
      .toBuffer(),
  )
  return sharp(await Promise.all(frames), { join: { animated: true } })
}
