import { createServer, request as startRequest, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'

export interface ProxiedRequest {
  readonly method: string
  /** Path and query. */
  readonly url: string
}

/** `lost`: the server does what it was asked, and nobody hears of it. `cut`: half of the answer's body comes. */
export type Fault = 'none' | 'lost' | 'cut'

export interface HttpFaultProxy {
  readonly url: string
  /** Asked before each request is passed on. */
  fault: (request: ProxiedRequest) => Fault | Promise<Fault>
  /** Answers that have been broken off. */
  cuts: number
}

/** Stands before an HTTP server and spoils what a test asks it to spoil. */
export async function openHttpFaultProxy(
  test: TestContext,
  target: string,
): Promise<HttpFaultProxy> {
  const { hostname, port } = new URL(target)
  const server: Server = createServer((incoming, answer) => {
    const { method = '', url = '' } = incoming
    void Promise.resolve(proxy.fault({ method, url })).then((fault) => {
      // The signature covers the host, so it is passed on as it came.
      const outgoing = startRequest(
        { hostname, port, method, path: url, headers: incoming.headers },
        (response) => {
          if (fault === 'lost') loseAnswer(response, () => answer.destroy())
          else {
            answer.writeHead(response.statusCode ?? 502, response.headers)
            if (fault === 'cut') cutAnswer(response, answer, () => proxy.cuts++)
            else response.pipe(answer)
          }
        },
      )
      outgoing.on('error', () => answer.destroy())
      incoming.on('error', () => outgoing.destroy())
      incoming.pipe(outgoing)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const proxy: HttpFaultProxy = {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    fault: () => 'none',
    cuts: 0,
  }
  test.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return proxy
}

function loseAnswer(response: IncomingMessage, lose: () => void): void {
  response.resume()
  response.on('end', lose)
}

function cutAnswer(
  response: IncomingMessage,
  answer: { write(chunk: Uint8Array): boolean; destroy(): unknown },
  done: () => void,
): void {
  const half = Number(response.headers['content-length']) / 2
  let sent = 0
  response.on('data', (chunk: Buffer) => {
    sent += chunk.length
    answer.write(chunk)
    if (sent < half) return
    response.destroy()
    setImmediate(() => {
      answer.destroy()
      done()
    })
  })
}
