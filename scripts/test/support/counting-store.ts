import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http'
import { once } from 'node:events'

/** Stands before an S3 store and says what it was asked for. */
export interface CountingStore {
  readonly address: string
  /** `<key> <range>` of every read, in order; queries and the bucket left out. */
  readonly reads: string[]
  /** While true, whoever asks finds nobody. */
  isAway: boolean
  close(): Promise<void>
}

export async function openCountingStore(endpoint: string): Promise<CountingStore> {
  const target = new URL(endpoint)
  const server = createServer((incoming, outgoing) => {
    if (store.isAway) incoming.socket.destroy()
    else {
      store.reads.push(describeRead(incoming))
      passOn(target, incoming, outgoing)
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0
  const store: CountingStore = {
    address: `http://127.0.0.1:${port}`,
    reads: [],
    isAway: false,
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  return store
}

function describeRead({ url = '', headers }: IncomingMessage): string {
  const key = new URL(url, 'http://store').pathname.replace(/^\/[^/]+\//, '')
  return [key, headers.range?.replace('bytes=', '')].filter(Boolean).join(' ')
}

/** As it is: the signature holds for the very `Host` header. */
function passOn(target: URL, incoming: IncomingMessage, outgoing: ServerResponse): void {
  const { method, url, headers } = incoming
  const options = { host: target.hostname, port: target.port, method, path: url, headers }
  const asked = request({ ...options, setHost: false }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(outgoing)
  })
  asked.on('error', () => outgoing.destroy())
  outgoing.on('close', () => asked.destroy())
  incoming.pipe(asked)
}
