import { request as httpRequest, type Agent, type IncomingHttpHeaders } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { urlToHttpOptions } from 'node:url'

export interface HeadRequest {
  readonly endpoint: URL
  /** For this protocol. */
  readonly agent: Agent
  /** With its query, as signed. */
  readonly path: string
  readonly signal: AbortSignal
}

export interface HeadAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
}

/** Asks for headers alone. Rejects when no answer comes, or not before the signal. */
export function sendHead({ endpoint, agent, path, signal }: HeadRequest): Promise<HeadAnswer> {
  const { protocol, hostname, port } = urlToHttpOptions(endpoint)
  const send = protocol === 'https:' ? httpsRequest : httpRequest
  return new Promise((resolve, reject) => {
    const request = send({ hostname, port, method: 'HEAD', path, agent, signal }, (answer) => {
      // There is no body, but unless somebody looks the connection is not free for the next.
      answer.resume()
      resolve({ status: answer.statusCode ?? 0, headers: answer.headers })
    })
    request.once('error', reject)
    request.end()
  })
}
