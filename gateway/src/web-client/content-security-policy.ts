import { s3AddressesOf, type Settings } from '@satchel/chat-core/runtime'

export type PolicySettings = Pick<Settings, 'publicUrl' | 'mediaUrl'> &
  Parameters<typeof s3AddressesOf>[0]

/**
 * Nothing but what this server itself serves may run; the page loads media from where links lead, and sends
 * uploads where they go. Avatars may come from anywhere.
 */
export function contentSecurityPolicy(settings: PolicySettings): string {
  const media = originsOf(settings.mediaUrl)
  const uploads = originsOf(settings.publicUrl, s3AddressesOf(settings)?.publicEndpoint)
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    ["img-src 'self' blob: data: https:", ...media].join(' '),
    ["media-src 'self' blob:", ...media].join(' '),
    ["connect-src 'self' ws: wss:", ...media, ...uploads].join(' '),
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}

function originsOf(...urls: readonly (string | undefined)[]): readonly string[] {
  return urls.flatMap((url) => (url === undefined ? [] : new URL(url).origin))
}
