import type { TcpNetConnectOpts, IpcNetConnectOpts } from 'node:net'

/** Where a clamd listens, as `connect` takes it. */
export type ClamdAddress =
  Pick<IpcNetConnectOpts, 'path'> | Required<Pick<TcpNetConnectOpts, 'host' | 'port'>>

const HOST_AND_PORT = /^(?:tcp:\/\/)?(?:\[([0-9a-f:]+)\]|([^:/\s]+)):(\d{1,5})$/i

/** A path of a socket (`/run/clamav/clamd.ctl`), or `host:port`. Throws when it is neither. */
export function parseClamdAddress(text: string): ClamdAddress {
  if (text.startsWith('/')) return { path: text }
  const [, literal, name, port] = HOST_AND_PORT.exec(text) ?? []
  const host = literal ?? name
  if (host === undefined || Number(port) < 1 || Number(port) > 65_535)
    throw new Error('expected the path of a socket, or host:port')
  return { host, port: Number(port) }
}
