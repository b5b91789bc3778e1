import { signToken } from '../../client/sign-token.ts'
import { openRawWebSocket, type RawWebSocket } from '../../wire/raw-web-socket.ts'
import {
  localAddressOf,
  type BenchConnection,
  type BenchListener,
  type BenchTarget,
  type ReachableServers,
} from '../bench-target.ts'

export const CENTRIFUGO_TOKEN_SECRET = 'a secret that only load tests sign their tokens with'
/** Its channels keep a history, from which clients that come back recover. */
export const CENTRIFUGO_NAMESPACE = 'group'

/** What the server says, as far as it matters here: an answer has an id, a push has none, a ping has neither. */
interface Reply {
  readonly id?: number
  readonly error?: { readonly message: string }
  readonly push?: { readonly pub?: { readonly data?: { readonly text?: string } } }
}

/** Centrifugo, spoken to on the bare wire in its bidirectional JSON protocol: commands and replies, one a line. */
export function createCentrifugoTarget({ name, servers, portOf }: ReachableServers): BenchTarget {
  const connections = new Map<number, Connection>()
  let generation = 0
  const channelOf = (group: number): string => `${CENTRIFUGO_NAMESPACE}:${generation}-${group}`

  async function connect(user: number, listener: BenchListener): Promise<BenchConnection> {
    const connection = await Connection.open(user, portOf(user), listener)
    connections.set(user, connection)
    return {
      send(group, text) {
        connection
          .ask({ publish: { channel: channelOf(group), data: { text } } })
          .then(listener.acknowledged, (error: unknown) => listener.failed(String(error)))
      },
      close: () => connection.close(),
    }
  }

  async function prepare(groups: readonly (readonly number[])[]): Promise<void> {
    generation++
    for (const [group, members] of groups.entries()) {
      const subscribe = { channel: channelOf(group) }
      for (const user of members) await connections.get(user)?.ask({ subscribe })
    }
  }

  return { name, servers, connect, prepare }
}

interface Waiting {
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

class Connection {
  readonly #listener: BenchListener
  readonly #waiting = new Map<number, Waiting>()
  #socket: RawWebSocket | undefined
  #id = 0

  static async open(user: number, port: number, listener: BenchListener): Promise<Connection> {
    const connection = new Connection(listener)
    await connection.#open(port, localAddressOf(user))
    const token = signToken(CENTRIFUGO_TOKEN_SECRET, `bench-${user}`, Date.now())
    await connection.ask({ connect: { token } })
    return connection
  }

  constructor(listener: BenchListener) {
    this.#listener = listener
  }

  /** Settles when it is answered; rejects when it is refused. */
  ask(command: Readonly<Record<string, unknown>>): Promise<void> {
    const id = ++this.#id
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      this.#socket?.sendText(JSON.stringify({ id, ...command }))
    })
  }

  close(): void {
    this.#socket?.destroy()
  }

  async #open(port: number, localAddress: string): Promise<void> {
    this.#socket = await openRawWebSocket({
      host: '127.0.0.1',
      port,
      path: '/connection/websocket',
      localAddress,
      onMessage: (payload) => this.#take(payload.toString()),
      onClose: (code) => this.#listener.failed(`closed with ${code}`),
    })
  }

  #take(message: string): void {
    for (const line of message.split('\n')) {
      if (line !== '') this.#takeReply(parseReply(line))
    }
  }

  #takeReply({ id, error, push }: Reply): void {
    if (push !== undefined) {
      const text = push.pub?.data?.text
      if (text !== undefined) this.#listener.delivered(text)
    } else if (id === undefined) {
      this.#socket?.sendText('{}')
    } else {
      const waiting = this.#waiting.get(id)
      this.#waiting.delete(id)
      if (error === undefined) waiting?.resolve()
      else waiting?.reject(new Error(error.message))
    }
  }
}

function parseReply(line: string): Reply {
  return JSON.parse(line) as Reply
}
