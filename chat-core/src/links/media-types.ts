/**
 * Types that media is served as, by the extension of the link. An edge serves by the same table, so that
 * no catalogue needs to be asked. What is not here is `bin`.
 */
export const TYPES_BY_EXTENSION: Readonly<Record<string, string>> = {
  webp: 'image/webp',
  apng: 'image/apng',
  jpg: 'image/jpeg',
  png: 'image/png',
  gif: 'image/gif',
  heic: 'image/heic',
  avif: 'image/avif',
  tif: 'image/tiff',
  bmp: 'image/bmp',
  mp4: 'video/mp4',
  mov: 'video/quicktime',
  webm: 'video/webm',
  mkv: 'video/matroska',
  avi: 'video/vnd.avi',
  ts: 'video/mp2t',
  mp3: 'audio/mpeg',
  m4a: 'audio/x-m4a',
  aac: 'audio/aac',
  ogg: 'audio/ogg',
  opus: 'audio/ogg; codecs=opus',
  flac: 'audio/flac',
  wav: 'audio/wav',
  pdf: 'application/pdf',
  txt: 'text/plain; charset=utf-8',
  zip: 'application/zip',
  gz: 'application/gzip',
  '7z': 'application/x-7z-compressed',
  rar: 'application/x-rar-compressed',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  pptx: 'application/vnd.openxmlformats-officedocument.presentationml.presentation',
  odt: 'application/vnd.oasis.opendocument.text',
  ods: 'application/vnd.oasis.opendocument.spreadsheet',
  odp: 'application/vnd.oasis.opendocument.presentation',
  epub: 'application/epub+zip',
  bin: 'application/octet-stream',
}

/** Types of the files of an `hls` variant, by extension; no other link ends in these. */
export const HLS_TYPES_BY_EXTENSION: Readonly<Record<string, string>> = {
  m3u8: 'application/vnd.apple.mpegurl',
  mp4: 'video/mp4',
  m4s: 'video/iso.segment',
}

const EXTENSIONS_BY_TYPE = new Map(
  Object.entries(TYPES_BY_EXTENSION).map(([extension, type]) => [baseOf(type), extension]),
)
// Two extensions share this type; the plain one is the one to make.
EXTENSIONS_BY_TYPE.set('audio/ogg', 'ogg')

/** The extension a link to something of this type ends in. */
export function extensionOf(contentType: string): string {
  return EXTENSIONS_BY_TYPE.get(baseOf(contentType)) ?? 'bin'
}

/** The type to serve under an extension; `undefined` for one that no link has. */
export function typeOfExtension(
  extension: string,
  types: Readonly<Record<string, string>> = TYPES_BY_EXTENSION,
): string | undefined {
  return Object.hasOwn(types, extension) ? types[extension] : undefined
}

function baseOf(contentType: string): string {
  return contentType.split(';', 1)[0] ?? contentType
}
