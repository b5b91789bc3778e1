import { SettingsError } from '../runtime/read-settings.ts'
import type { Settings } from '../runtime/settings.ts'
import { CloudFrontLinks, type CloudFrontLinksOptions } from './cloudfront-links.ts'
import { deriveSecret } from './derive-secret.ts'
import type { MediaLinks } from './media-links.ts'
import { MemoizedLinks } from './memoized-links.ts'
import { SatchelLinks } from './satchel-links.ts'

export type LinkSettings = Pick<
  Settings,
  | 'links'
  | 'linkSecret'
  | 'linkWindowMs'
  | 'strictLinkWindowMs'
  | 'mediaUrl'
  | 'cloudfrontKeyPairId'
  | 'cloudfrontPrivateKey'
>

export interface CreatedLinks {
  readonly links: MediaLinks
  /** Of conversations that are strict about it. */
  readonly strictLinks: MediaLinks
  /** Of links that come back to us. */
  readonly verifier: Pick<SatchelLinks, 'verify'>
}

// Those of some 5,000 pictures, in some 20 MB.
const MOST_REMEMBERED = 20_000

/** Links as an operator wants them. Throws `SettingsError`, naming all that is missing at once. */
export function createMediaLinks(settings: LinkSettings): CreatedLinks {
  const { linkWindowMs, strictLinkWindowMs, mediaUrl: baseUrl } = settings
  const secret = deriveSecret(settings.linkSecret ?? '', 'media links')
  const cloudFront = settings.links === 'cloudfront' ? requireCloudFront(settings) : undefined
  const linksOf = (windowMs: number): MediaLinks => {
    const signed = new SatchelLinks({ secret, windowMs, baseUrl })
    const links = cloudFront === undefined ? signed : new CloudFrontLinks(signed, cloudFront)
    return new MemoizedLinks(links, { windowMs, most: MOST_REMEMBERED })
  }
  return {
    links: linksOf(linkWindowMs),
    strictLinks: linksOf(strictLinkWindowMs),
    // Whose window a link was made for is in its expiry.
    verifier: new SatchelLinks({ secret, windowMs: linkWindowMs }),
  }
}

function requireCloudFront(settings: LinkSettings): CloudFrontLinksOptions {
  const { mediaUrl, cloudfrontKeyPairId: keyPairId, cloudfrontPrivateKey: privateKey } = settings
  const problems: string[] = []
  const need = (value: string | undefined, variable: string): void => {
    if (value === undefined)
      problems.push(`${variable}: must be set where SATCHEL_LINKS is cloudfront`)
  }
  need(mediaUrl, 'SATCHEL_MEDIA_URL')
  need(keyPairId, 'SATCHEL_CLOUDFRONT_KEY_PAIR_ID')
  need(privateKey, 'SATCHEL_CLOUDFRONT_PRIVATE_KEY')
  if (problems.length > 0 || keyPairId === undefined || privateKey === undefined)
    throw new SettingsError(problems)
  return { keyPairId, privateKey }
}
