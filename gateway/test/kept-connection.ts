import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { eventually } from './eventually.ts'

/** One HTTP connection that stays open between requests. */
export class KeptConnection {
  readonly #socket: Socket
  #received = ''

  static async open(port: number): Promise<KeptConnection> {
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    const kept = new KeptConnection(socket)
    // The server has accepted it for sure once it has answered on it.
    await kept.get('/live')
    return kept
  }

  constructor(socket: Socket) {
    this.#socket = socket
    socket.setEncoding('utf8')
    socket.on('data', (text: string) => (this.#received += text))
    socket.on('error', () => undefined)
  }

  /** The whole answer, as text. */
  async get(path: string): Promise<string> {
    this.#received = ''
    this.#socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
    return eventually(
      `${path} is answered`,
      () => /\r\n\r\n.*\}$/s.test(this.#received) && this.#received,
    )
  }
}
