import sharp from 'sharp'

/** The colour of the square in the corner that is on the upper left when the picture stands upright. */
export const CORNER = { r: 220, g: 30, b: 40 }
/** What the camera calls itself: found nowhere but in the metadata. */
const CAMERA = 'SatchelTestPhone 12'

const WIDTH = 4_000
const HEIGHT = 3_000
const SQUARE = 700
/** Turn it clockwise by a quarter to see it upright. */
const ORIENTATION = 6
/** The entry of an EXIF block that leads to the place, in either byte order. */
const GPS_DIRECTORY = [Buffer.from([0x25, 0x88, 4, 0]), Buffer.from([0x88, 0x25, 0, 4])]

/**
 * A 12-megapixel JPEG as a phone held upright takes it: stored lying on its side, with a tag that says so,
 * and with the place and the camera in its metadata. Upright it is 3,000 pixels wide and 4,000 high.
 */
export async function makePhonePhoto(): Promise<Buffer> {
  const scene = `<svg xmlns="http://www.w3.org/2000/svg" width="${String(HEIGHT)}" height="${String(WIDTH)}" viewBox="0 0 300 400">
    <defs>
      <linearGradient id="sky" x1="0" y1="0" x2="0" y2="1">
        <stop offset="0" stop-color="#3f7fc4"/><stop offset="1" stop-color="#f6d9b0"/>
      </linearGradient>
      <linearGradient id="sea" x1="0" y1="0" x2="0" y2="1">
        <stop offset="0" stop-color="#5fa3b8"/><stop offset="1" stop-color="#184a63"/>
      </linearGradient>
    </defs>
    <rect width="300" height="250" fill="url(#sky)"/>
    <circle cx="205" cy="190" r="34" fill="#fff3cf"/>
    <path d="M0 250 L70 150 L130 225 L190 175 L300 250 Z" fill="#4a5f6e"/>
    <rect y="250" width="300" height="150" fill="url(#sea)"/>
    <path d="M150 330 l60 0 l-14 20 l-34 0 z" fill="#7a3b25"/><path d="M176 262 v66 h-34 z" fill="#fffaf0"/>
  </svg>`
  const square = { width: SQUARE, height: SQUARE, channels: 3 as const, background: CORNER }
  const upright = await sharp(Buffer.from(scene))
    .composite([
      { input: await makeGrain(), tile: true, blend: 'soft-light' },
      { input: await sharp({ create: square }).png().toBuffer(), left: 0, top: 0 },
    ])
    .removeAlpha()
    .raw()
    .toBuffer()
  return await sharp(upright, { raw: { width: HEIGHT, height: WIDTH, channels: 3 } })
    .rotate(-90)
    .jpeg({ quality: 90 })
    .withExif({
      IFD0: { Make: CAMERA, Model: CAMERA },
      IFD3: {
        GPSLatitudeRef: 'N',
        GPSLatitude: '52/1 31/1 1234/100',
        GPSLongitudeRef: 'E',
        GPSLongitude: '13/1 24/1 2345/100',
      },
    })
    .withMetadata({ orientation: ORIENTATION })
    .toBuffer()
}

/** What a sensor adds to every picture, and what makes it megabytes large. */
async function makeGrain(): Promise<Buffer> {
  const noise = { type: 'gaussian' as const, mean: 128, sigma: 18 }
  const create = { width: 400, height: 400, channels: 3 as const, background: '#888', noise }
  return await sharp({ create }).png({ compressionLevel: 1 }).toBuffer()
}

/** What of the camera's metadata is in these bytes; nothing, in what readers are served. */
export async function findCameraTraces(bytes: Buffer): Promise<readonly string[]> {
  const { exif, xmp, iptc, orientation } = await sharp(bytes).metadata()
  const traces: string[] = []
  if (exif !== undefined) traces.push('EXIF')
  if (exif !== undefined && GPS_DIRECTORY.some((tag) => exif.includes(tag))) traces.push('GPS')
  if (xmp !== undefined) traces.push('XMP')
  if (iptc !== undefined) traces.push('IPTC')
  if (orientation !== undefined && orientation !== 1)
    traces.push(`orientation ${String(orientation)}`)
  for (const words of [CAMERA, 'Exif\0\0']) {
    if (bytes.includes(words, 0, 'latin1')) traces.push(JSON.stringify(words))
  }
  return traces
}
