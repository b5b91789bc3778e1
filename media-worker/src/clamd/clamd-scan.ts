import { connect, type Socket } from 'node:net'
import type { Scan, ScanVerdict } from '../scanner.ts'
import type { ClamdAddress } from './clamd-address.ts'
import { parseClamdReply } from './clamd-reply.ts'

export interface ClamdTimes {
  /** To connect, and for each chunk to be taken. */
  readonly idleMs: number
  /** From the last byte to the verdict; more than clamd's `MaxScanTime`. */
  readonly verdictMs: number
}

const COMMAND = 'zINSTREAM\0'
const MAX_REPLY_CHARACTERS = 4_096

/**
 * One file past clamd, over a connection of its own. Clamd that does not want the rest (a limit) answers and
 * closes while bytes are still being written: then what it answered decides, and a broken connection
 * without an answer is no verdict.
 */
export class ClamdScan implements Scan {
  readonly #socket: Socket
  readonly #times: ClamdTimes
  readonly #reply = Promise.withResolvers<string>()
  #received = ''
  #isOver = false

  constructor(address: ClamdAddress, times: ClamdTimes) {
    this.#times = times
    // Whoever waits for the verdict hears of it; a scan that was cancelled has nobody who waits.
    this.#reply.promise.catch(() => undefined)
    this.#socket = connect({ ...address, noDelay: true })
    this.#socket.setEncoding('utf8')
    this.#socket.on('data', (text) => this.#take(String(text)))
    this.#socket.on('error', (error) => this.#fail(error))
    this.#socket.on('close', () => this.#fail(new Error('clamd closed the connection')))
    this.#socket.on('timeout', () => this.#fail(new Error('clamd does not answer in time')))
    this.#socket.setTimeout(times.idleMs)
    this.#socket.write(COMMAND)
  }

  async write(chunk: Uint8Array): Promise<void> {
    if (chunk.length === 0) return
    const length = Buffer.allocUnsafe(4)
    length.writeUInt32BE(chunk.length)
    await this.#send(Buffer.concat([length, chunk]))
  }

  async finish(): Promise<ScanVerdict> {
    // Its answer to the first bytes says nothing of the rest.
    const wasAnswered = this.#isOver
    await this.#send(Buffer.alloc(4))
    this.#socket.setTimeout(this.#times.verdictMs)
    const verdict = parseClamdReply(await this.#reply.promise)
    if (wasAnswered && verdict.kind === 'clean') throw new Error('clamd answered before the end')
    return verdict
  }

  cancel(): void {
    this.#fail(new Error('the scan was cancelled'))
  }

  /** Settles when clamd has room for more, or has answered already. */
  async #send(bytes: Buffer): Promise<void> {
    if (this.#isOver || this.#socket.write(bytes)) return
    const taken = Promise.withResolvers<undefined>()
    const settle = () => taken.resolve(undefined)
    this.#socket.once('drain', settle)
    try {
      await Promise.race([taken.promise, this.#reply.promise])
    } finally {
      this.#socket.off('drain', settle)
    }
  }

  #take(text: string): void {
    this.#received += text
    const end = this.#received.indexOf('\0')
    if (end >= 0) this.#end(() => this.#reply.resolve(this.#received.slice(0, end)))
    else if (this.#received.length > MAX_REPLY_CHARACTERS)
      this.#fail(new Error('clamd says too much'))
  }

  #fail(error: Error): void {
    this.#end(() => this.#reply.reject(error))
  }

  #end(settle: () => void): void {
    if (this.#isOver) return
    this.#isOver = true
    settle()
    this.#socket.destroy()
  }
}
