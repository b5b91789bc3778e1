import { openRawWebSocket } from '../../wire/raw-web-socket.ts'
import { localAddressOf, type BenchTarget, type ReachableServers } from '../bench-target.ts'

/** The least a server can do: first byte `j`oin, `m`essage or `a`cknowledgement, then room, `\n`, text. */
export function createBareRelayTarget({ name, servers, portOf }: ReachableServers): BenchTarget {
  const joins = new Map<number, (room: string) => Promise<void>>()
  let generation = 0
  return {
    name,
    servers,
    async connect(user, listener) {
      const waiting: (() => void)[] = []
      const socket = await openRawWebSocket({
        host: '127.0.0.1',
        port: portOf(user),
        path: '/',
        localAddress: localAddressOf(user),
        onMessage: (payload) => {
          const packet = payload.toString()
          if (packet.startsWith('a')) waiting.shift()?.()
          else listener.delivered(packet.slice(packet.indexOf('\n') + 1))
        },
        onClose: (code) => listener.failed(`closed with ${code}`),
      })
      const send = (packet: string, acknowledged: () => void): void => {
        waiting.push(acknowledged)
        socket.sendBinary(Buffer.from(packet))
      }
      joins.set(user, (room) => new Promise((resolve) => send(`j${room}`, resolve)))
      return {
        send: (group, text) => send(`m${generation}-${group}\n${text}`, listener.acknowledged),
        close: () => socket.destroy(),
      }
    },
    async prepare(groups) {
      generation++
      for (const [group, members] of groups.entries()) {
        for (const user of members) await joins.get(user)?.(`${generation}-${group}`)
      }
    },
  }
}
