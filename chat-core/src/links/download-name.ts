import { extensionOf, typeOfExtension } from './media-types.ts'

/** Endings that say the same as one of the table. */
const SAME_AS: Readonly<Record<string, string>> = { jpeg: 'jpg', heif: 'heic', tiff: 'tif' }

/**
 * The name something made of a file is saved under: with the ending of what it is, where the file's own says it
 * is something else. An ending nobody here knows stays.
 */
export function downloadName(name: string, contentType: string): string {
  const [, stem, ending] = /^(.+)\.([a-z0-9]+)$/i.exec(name) ?? []
  if (stem === undefined || ending === undefined) return name
  const extension = ending.toLowerCase()
  const said = typeOfExtension(SAME_AS[extension] ?? extension)
  const wanted = extensionOf(contentType)
  if (said === undefined || wanted === 'bin' || extensionOf(said) === wanted) return name
  return `${stem}.${wanted}`
}
