import { request, type ClientRequest } from 'node:http'
import { delay } from '../chaos/deadlines.ts'

export interface SlowPut {
  readonly url: URL
  readonly beginning: Buffer
  readonly rest: Buffer
  /** From the first to the last of its pieces. */
  readonly seconds: number
}

const PIECES = 8
const ANSWER_TIMEOUT_MS = 60_000

/** Brings bytes as a phone on a slow line does; rejects when they are not taken. */
export function putSlowly({ url, beginning, rest, seconds }: SlowPut): Promise<void> {
  return new Promise((resolve, reject) => {
    const asking = request(url, {
      method: 'PUT',
      headers: { 'Content-Length': beginning.length + rest.length },
      signal: AbortSignal.timeout(seconds * 1_000 + ANSWER_TIMEOUT_MS),
      agent: false,
    })
    asking.once('error', reject)
    asking.once('response', (response) => {
      const { statusCode = 0 } = response
      response.resume()
      if (statusCode >= 200 && statusCode <= 299) resolve()
      else reject(new Error(`a PUT was answered ${statusCode}`))
    })
    asking.write(beginning)
    write(asking, rest, (seconds * 1_000) / PIECES).catch(reject)
  })
}

async function write(asking: ClientRequest, body: Buffer, pauseMs: number): Promise<void> {
  const pieceBytes = Math.ceil(body.length / PIECES)
  for (let at = 0; at < body.length && !asking.destroyed; at += pieceBytes) {
    asking.write(body.subarray(at, at + pieceBytes))
    await delay(pauseMs)
  }
  asking.end()
}
