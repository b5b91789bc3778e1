import { ChatError } from '@satchel/protocol'

const PATH = '/v1/socket'

/** Throws `bad_request` unless this may be where a server's sockets are; it may be behind a proxy's prefix. */
export function requireSocketUrl(text: string): string {
  if (isSocketUrl(text)) return text
  const message = `the url should look like ws://localhost:7700${PATH} or wss://chat.example${PATH}, not "${text}"`
  throw new ChatError('bad_request', message, { field: 'url' })
}

function isSocketUrl(text: string): boolean {
  let url: URL
  try {
    url = new URL(text)
  } catch {
    return false
  }
  return ['ws:', 'wss:'].includes(url.protocol) && url.pathname.endsWith(PATH) && url.hash === ''
}
