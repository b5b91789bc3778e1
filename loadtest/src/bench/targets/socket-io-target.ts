import { openRawWebSocket, type RawWebSocket } from '../../wire/raw-web-socket.ts'
import {
  localAddressOf,
  type BenchConnection,
  type BenchListener,
  type BenchTarget,
  type ReachableServers,
} from '../bench-target.ts'

// Engine.IO and Socket.IO packets, version 4 and 5, as their protocol documents have them.
const OPEN = '0'
const PING = '2'
const PONG = '3'
const CONNECT = '40'
const EVENT = '42'
const ACK = '43'

/** The Socket.IO relay, spoken to on the bare wire: its own client would cost more than the server. */
export function createSocketIoTarget({ name, servers, portOf }: ReachableServers): BenchTarget {
  const connections = new Map<number, Connection>()
  let generation = 0

  async function connect(user: number, listener: BenchListener): Promise<BenchConnection> {
    const connection = new Connection(listener)
    await connection.open(portOf(user), localAddressOf(user))
    connections.set(user, connection)
    return {
      send: (group, text) => connection.emit('message', `${generation}-${group}`, text),
      close: () => connection.close(),
    }
  }

  async function prepare(groups: readonly (readonly number[])[]): Promise<void> {
    generation++
    for (const [group, members] of groups.entries()) {
      for (const user of members) await connections.get(user)?.join(`${generation}-${group}`)
    }
  }

  return { name, servers, connect, prepare }
}

class Connection {
  readonly #listener: BenchListener
  readonly #waiting = new Map<number, () => void>()
  #socket: RawWebSocket | undefined
  #connected: (() => void) | undefined
  #ackId = 0

  constructor(listener: BenchListener) {
    this.#listener = listener
  }

  async open(port: number, localAddress: string): Promise<void> {
    const connected = new Promise<void>((resolve) => {
      this.#connected = resolve
    })
    this.#socket = await openRawWebSocket({
      host: '127.0.0.1',
      port,
      path: '/socket.io/?EIO=4&transport=websocket',
      localAddress,
      onMessage: (payload) => this.#take(payload.toString()),
      onClose: (code) => this.#listener.failed(`closed with ${code}`),
    })
    await connected
  }

  emit(event: string, room: string, text: string): void {
    this.#emit([event, room, text], this.#listener.acknowledged)
  }

  join(room: string): Promise<void> {
    return new Promise((resolve) => this.#emit(['join', room], resolve))
  }

  close(): void {
    this.#socket?.destroy()
  }

  #emit(values: readonly string[], acknowledged: () => void): void {
    const id = ++this.#ackId
    this.#waiting.set(id, acknowledged)
    this.#socket?.sendText(`${EVENT}${id}${JSON.stringify(values)}`)
  }

  #take(packet: string): void {
    if (packet.startsWith(EVENT)) {
      const [, , text]: readonly unknown[] = parseValues(packet.slice(EVENT.length))
      this.#listener.delivered(String(text))
    } else if (packet.startsWith(ACK)) {
      const id = Number.parseInt(packet.slice(ACK.length), 10)
      this.#waiting.get(id)?.()
      this.#waiting.delete(id)
    } else if (packet === PING) this.#socket?.sendText(PONG)
    else if (packet.startsWith(CONNECT)) this.#connected?.()
    else if (packet.startsWith(OPEN)) this.#socket?.sendText(CONNECT)
  }
}

function parseValues(json: string): readonly unknown[] {
  const values: unknown = JSON.parse(json)
  return Array.isArray(values) ? values : []
}
