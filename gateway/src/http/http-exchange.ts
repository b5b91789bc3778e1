import { STATUS_CODES } from 'node:http'
import { ChatError, ERROR_CODES } from '@satchel/protocol'
import type { HttpRequest, HttpResponse } from 'uWebSockets.js'
import { familyOf, type Flow, type Traffic } from '../traffic.ts'

/** What is sent back, headers aside that every answer has. */
export interface HttpAnswer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly body?: string | Uint8Array | undefined
}

/**
 * One HTTP request and its answer. The request's facts are copied, because the library forgets them when
 * the handler returns; what the client aborts is never touched again.
 */
export class HttpExchange {
  readonly method: string
  readonly path: string
  readonly query: string
  /** Of the peer; whoever stands behind a proxy is found out elsewhere. */
  readonly peer: string
  readonly #res: HttpResponse
  readonly #flow: Flow
  readonly #refusals: Flow
  readonly #headers = new Map<string, string>()
  readonly #abortion = new AbortController()
  #isAnswered = false
  /** Headers every answer to this request carries. */
  readonly #always = new Map<string, string>()
  status = 0

  constructor(res: HttpResponse, req: HttpRequest, traffic: Traffic) {
    this.#res = res
    this.method = req.getCaseSensitiveMethod()
    this.path = req.getUrl()
    this.#flow = traffic[familyOf(this.path)]
    // Why there is no file is none.
    this.#refusals = traffic.api
    this.query = queryOf(req)
    this.peer = new TextDecoder().decode(res.getRemoteAddressAsText())
    // What comes in several lines is one list (RFC 9110, 5.3).
    req.forEach((name, value) => {
      const before = this.#headers.get(name)
      this.#headers.set(name, before === undefined ? value : `${before}, ${value}`)
    })
    res.onAborted(() => this.#abortion.abort())
  }

  /** Aborted when the client went away. */
  get signal(): AbortSignal {
    return this.#abortion.signal
  }

  get isOver(): boolean {
    return this.#isAnswered || this.#abortion.signal.aborted
  }

  /** A request header, by its name in lower case; empty when absent. */
  header(name: string): string {
    return this.#headers.get(name) ?? ''
  }

  parameter(name: string): string | undefined {
    return new URLSearchParams(this.query).get(name) ?? undefined
  }

  /** Adds a header to whatever is answered. */
  addHeader(name: string, value: string): void {
    this.#always.set(name, value)
  }

  answer({ status, headers = {}, body }: HttpAnswer): void {
    if (this.isOver) return
    if (body === undefined || this.method === 'HEAD') {
      this.answerHead({ status, headers }, body?.length ?? 0)
      return
    }
    this.#isAnswered = true
    this.status = status
    const { sent } = status < 400 ? this.#flow : this.#refusals
    sent.add(Buffer.byteLength(body))
    this.#res.cork(() => {
      this.#writeHead(status, headers)
      this.#res.end(body)
    })
  }

  /** An answer without its body, which would have `contentLength` bytes. */
  answerHead({ status, headers = {} }: Omit<HttpAnswer, 'body'>, contentLength: number): void {
    if (this.isOver) return
    this.#isAnswered = true
    this.status = status
    this.#res.cork(() => {
      this.#writeHead(status, headers)
      // Not even `undefined` may be given where there is no length: it would be written as 2^63.
      if (status === 204 || status === 304) this.#res.endWithoutBody()
      else this.#res.endWithoutBody(contentLength)
    })
  }

  json(status: number, value: unknown): void {
    this.answer({
      status,
      headers: { 'Content-Type': 'application/json; charset=utf-8', 'Cache-Control': 'no-store' },
      body: JSON.stringify(value),
    })
  }

  refuse(error: ChatError): void {
    const { code, message, details } = error
    if (details.retryAfterMs !== undefined)
      this.addHeader('Retry-After', String(Math.ceil(details.retryAfterMs / 1_000)))
    this.json(ERROR_CODES[code].status, { error: { code, message, details } })
  }

  /**
   * Passes the body's chunks on as they come; they are the receiver's to keep. To be called before the
   * handler first waits, or the body is lost.
   */
  receive(take: (chunk: Uint8Array, isLast: boolean) => void): void {
    this.#res.onData((chunk, isLast) => {
      this.#flow.received.add(chunk.byteLength)
      take(new Uint8Array(chunk.slice(0)), isLast)
    })
  }

  pause(): void {
    if (!this.isOver) this.#res.pause()
  }

  resume(): void {
    if (!this.isOver) this.#res.resume()
  }

  /** The whole body, of at most `maxBytes`. To be called before the handler first waits. */
  readBody(maxBytes: number): Promise<Uint8Array> {
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>()
    // Nobody may look at it before it is refused.
    promise.catch(() => undefined)
    const chunks: Uint8Array[] = []
    let size = 0
    this.receive((chunk, isLast) => {
      size += chunk.length
      if (size <= maxBytes) chunks.push(chunk)
      else {
        chunks.length = 0
        reject(
          new ChatError('too_large', `the body exceeds ${String(maxBytes)} bytes`, {
            limit: maxBytes,
          }),
        )
      }
      if (isLast) resolve(Buffer.concat(chunks))
    })
    this.signal.addEventListener('abort', () =>
      reject(new ChatError('bad_request', 'the request was aborted')),
    )
    return promise
  }

  /** Sends a body of known size as fast as the client takes it. */
  async stream(
    { status, headers = {} }: Omit<HttpAnswer, 'body'>,
    sizeBytes: number,
    body: AsyncIterable<Uint8Array>,
  ): Promise<void> {
    if (this.isOver) return
    this.#isAnswered = true
    this.status = status
    this.#res.cork(() => this.#writeHead(status, headers))
    let sent = 0
    try {
      // Leaving the loop early ends the reading as well.
      for await (const chunk of body) {
        if (this.signal.aborted || sizeBytes === 0) return
        this.#flow.sent.add(chunk.length)
        await this.#send(chunk, sent, sizeBytes)
        sent += chunk.length
      }
    } finally {
      if (!this.signal.aborted) this.#endStream(sent, sizeBytes)
    }
  }

  #endStream(sentBytes: number, totalBytes: number): void {
    // It is the last chunk that ends an answer, and here is none.
    if (totalBytes === 0) this.#res.cork(() => this.#res.end())
    // Bytes are missing that were announced: the client must see that it has not everything.
    else if (sentBytes < totalBytes) this.#res.close()
  }

  async #send(chunk: Uint8Array, from: number, totalBytes: number): Promise<void> {
    const first = { isTaken: false }
    this.#res.cork(() => ([first.isTaken] = this.#res.tryEnd(chunk, totalBytes)))
    if (first.isTaken || this.signal.aborted) return
    const { promise, resolve } = Promise.withResolvers<undefined>()
    const onAbort = (): void => resolve(undefined)
    this.signal.addEventListener('abort', onAbort)
    this.#res.onWritable((offset) => {
      const [isWritten] = this.#res.tryEnd(chunk.subarray(offset - from), totalBytes)
      if (isWritten) resolve(undefined)
      return isWritten
    })
    await promise
    this.signal.removeEventListener('abort', onAbort)
  }

  #writeHead(status: number, headers: Readonly<Record<string, string>>): void {
    this.#res.writeStatus(`${String(status)} ${STATUS_CODES[status] ?? ''}`)
    for (const [name, value] of this.#always) this.#res.writeHeader(name, value)
    for (const [name, value] of Object.entries(headers)) this.#res.writeHeader(name, value)
  }
}

/** Its typing forgot that there may be none. */
function queryOf(req: { getQuery(): string | undefined }): string {
  return req.getQuery() ?? ''
}
