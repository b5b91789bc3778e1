import { decodeBase64url } from '@satchel/protocol'
import { thumbHashToDataURL } from 'thumbhash'

/** The blurred picture that a thumbhash (as base64url) stands for; `undefined` when it cannot be read. */
export function thumbhashUrl(thumbhash: string | undefined): string | undefined {
  const bytes = thumbhash === undefined ? undefined : decodeBase64url(thumbhash)
  if (bytes === undefined) return undefined
  try {
    return thumbHashToDataURL(bytes)
  } catch {
    return undefined
  }
}
