/** Paths of the server's own HTTP belong to the host of its socket. */
export function urlResolver(socketUrl: string): (url: string) => string {
  const origin = new URL(socketUrl)
  origin.protocol = origin.protocol === 'wss:' ? 'https:' : 'http:'
  return (url) => new URL(url, origin).href
}
