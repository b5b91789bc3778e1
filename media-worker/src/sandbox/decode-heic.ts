import { libheif, type HeifHandle, type Libheif } from './libheif.ts'

/** A decoded picture, upright: rows of RGB or RGBA without gaps. */
export interface DecodedPicture {
  readonly width: number
  readonly height: number
  readonly channels: 3 | 4
  readonly data: Uint8Array
  /** ICC */
  readonly profile?: Buffer | undefined
}

/** Bytes of C's `heif_error`, which functions fill where they cannot return it. */
const ERROR_BYTES = 12
/** Where C's `heif_security_limits` has its bound on pixels. */
const MAX_PIXELS_OFFSET = 8

/**
 * The primary picture of a HEIF file, turned and cropped as it says. Throws when it cannot be decoded, and
 * before decoding when it has more pixels than `maxPixels`.
 */
export function decodeHeic(bytes: Uint8Array, maxPixels: number): DecodedPicture {
  limitPixels(libheif, maxPixels)
  const context = libheif.heif_context_alloc()
  try {
    const read = libheif.heif_context_read_from_memory(context, bytes)
    if (read.code !== libheif.heif_error_code.heif_error_Ok) throw new Error(read.message)
    const handle = libheif.heif_js_context_get_primary_image_handle(context)
    if (!('$$' in handle)) throw new Error(handle.message)
    try {
      return decode(libheif, handle, maxPixels)
    } finally {
      libheif.heif_image_handle_release(handle)
    }
  } finally {
    libheif.heif_context_free(context)
  }
}

/** Tiles and auxiliary pictures have sizes of their own: the library refuses those. */
function limitPixels(libheif: Libheif, maxPixels: number): void {
  const at = libheif._heif_get_global_security_limits() + MAX_PIXELS_OFFSET
  new DataView(libheif.HEAPU8.buffer).setBigUint64(at, BigInt(maxPixels), true)
}

function decode(libheif: Libheif, handle: HeifHandle, maxPixels: number): DecodedPicture {
  const width = libheif.heif_image_handle_get_width(handle)
  const height = libheif.heif_image_handle_get_height(handle)
  if (width * height > maxPixels) throw new Error('exceeds pixel limit')
  const hasAlpha = libheif.heif_image_handle_has_alpha_channel(handle) !== 0
  const { heif_chroma_interleaved_RGB: rgb, heif_chroma_interleaved_RGBA: rgba } =
    libheif.heif_chroma
  const colourSpace = libheif.heif_colorspace.heif_colorspace_RGB
  const pixels = libheif.heif_js_decode_image2(handle, colourSpace, hasAlpha ? rgba : rgb)
  if (!('channels' in pixels)) throw new Error(pixels.message)
  try {
    const [channel] = pixels.channels
    if (channel?.width !== width || channel.height !== height) throw new Error('no such picture')
    const channels = hasAlpha ? 4 : 3
    const data = packed(channel.data, width * channels, channel.stride, height)
    return { width, height, channels, data, profile: readProfile(libheif, handle) }
  } finally {
    libheif.heif_image_release(pixels.image)
  }
}

/** A copy: the rows lie in the library's own memory. */
function packed(rows: Uint8Array, rowBytes: number, stride: number, height: number): Uint8Array {
  if (stride === rowBytes) return rows.slice(0, rowBytes * height)
  const copy = new Uint8Array(rowBytes * height)
  for (let row = 0; row < height; row++) {
    copy.set(rows.subarray(row * stride, row * stride + rowBytes), row * rowBytes)
  }
  return copy
}

function readProfile(libheif: Libheif, { $$: { ptr } }: HeifHandle): Buffer | undefined {
  const size = libheif._heif_image_handle_get_raw_color_profile_size(ptr)
  if (size === 0) return undefined
  const at = libheif._malloc(ERROR_BYTES + size)
  try {
    libheif._heif_image_handle_get_raw_color_profile(at, ptr, at + ERROR_BYTES)
    // Its memory may have moved when it grew.
    return Buffer.from(libheif.HEAPU8.slice(at + ERROR_BYTES, at + ERROR_BYTES + size))
  } finally {
    libheif._free(at)
  }
}
