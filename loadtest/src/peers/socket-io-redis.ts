import { once } from 'node:events'
import { createServer } from 'node:http'
import { createAdapter } from '@socket.io/redis-adapter'
import { Redis } from 'ioredis'
import { Server } from 'socket.io'

/** As many messages of a room are kept, about. */
const KEPT_MESSAGES = 10_000

/**
 * What people do when one process is outgrown and messages are to be kept: the Redis adapter between relays, and each message
 * appended to a stream of its room before it is answered.
 */
export async function startSocketIoRedis(port: number, redisUrl: string): Promise<void> {
  const http = createServer((_, response) => response.end())
  const [publisher, subscriber, store] = [1, 2, 3].map(() => new Redis(redisUrl))
  const io = new Server(http, {
    transports: ['websocket'],
    serveClient: false,
    adapter: createAdapter(publisher, subscriber),
  })
  io.on('connection', (socket) => {
    socket.on('join', (room: string, acknowledge: () => void) => {
      void socket.join(room)
      acknowledge()
    })
    socket.on('message', (room: string, text: string, acknowledge: () => void) => {
      void store?.xadd(room, 'MAXLEN', '~', KEPT_MESSAGES, '*', 'text', text).then(() => {
        io.to(room).emit('message', room, text)
        acknowledge()
      })
    })
  })
  http.listen(port, '127.0.0.1')
  await once(http, 'listening')
}
