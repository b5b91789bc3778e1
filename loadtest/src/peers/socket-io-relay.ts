import { once } from 'node:events'
import { createServer } from 'node:http'
import { Server } from 'socket.io'

/**
 * What most people would start with: rooms, an answer for each message, nothing stored. Sends
 * `message` (room, text) to everybody in the room, the sender too.
 */
export async function startSocketIoRelay(port: number): Promise<void> {
  const http = createServer((_, response) => response.end())
  const io = new Server(http, { transports: ['websocket'], serveClient: false })
  io.on('connection', (socket) => {
    socket.on('join', (room: string, acknowledge: () => void) => {
      void socket.join(room)
      acknowledge()
    })
    socket.on('message', (room: string, text: string, acknowledge: () => void) => {
      io.to(room).emit('message', room, text)
      acknowledge()
    })
  })
  http.listen(port, '127.0.0.1')
  await once(http, 'listening')
}
