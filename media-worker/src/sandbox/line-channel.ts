import type { Duplex } from 'node:stream'

/** Far more than the longest message: the file names of a long video's HLS. */
const MAX_LINE_CHARACTERS = 512 * 1_024

/**
 * Messages between a worker and a child, a line of JSON each. Not Node's own channel between processes: that one
 * takes orders from whoever writes to it, ends the process on some, and keeps a line without end.
 *
 * It is read only while somebody waits for a message, so whoever talks unasked fills the pipe and no more.
 */
export class LineChannel<Message> {
  readonly #stream: Duplex
  readonly #chunks: AsyncIterator<string, undefined>
  readonly #parse: (value: unknown) => Message | undefined
  #unread = ''

  constructor(stream: Duplex, parse: (value: unknown) => Message | undefined) {
    this.#stream = stream
    this.#parse = parse
    // Of a pipe whose other end is gone; whoever waits for a message learns of it.
    stream.on('error', () => undefined)
    stream.setEncoding('utf8')
    this.#chunks = stream[Symbol.asyncIterator]()
  }

  send(message: object): void {
    this.#stream.write(`${JSON.stringify(message)}\n`)
  }

  /** The next message, asked for one at a time; `undefined` at the end, and for what is too long or no message. */
  async next(): Promise<Message | undefined> {
    const line = await this.#nextLine()
    return line === undefined ? undefined : this.#parseLine(line)
  }

  async #nextLine(): Promise<string | undefined> {
    let end = this.#unread.indexOf('\n')
    while (end < 0) {
      const chunk = await this.#nextChunk()
      if (chunk === undefined) return undefined
      // Only what is new is searched: a child that sends single bytes does not keep us busy.
      const found = chunk.indexOf('\n')
      if (found >= 0) end = this.#unread.length + found
      this.#unread += chunk
      if (this.#unread.length > MAX_LINE_CHARACTERS) return undefined
    }
    const line = this.#unread.slice(0, end)
    this.#unread = this.#unread.slice(end + 1)
    return line
  }

  async #nextChunk(): Promise<string | undefined> {
    try {
      const { done, value } = await this.#chunks.next()
      return done === true ? undefined : value
    } catch {
      return undefined
    }
  }

  #parseLine(line: string): Message | undefined {
    try {
      return this.#parse(JSON.parse(line))
    } catch {
      return undefined
    }
  }
}
