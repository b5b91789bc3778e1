import { App } from 'uWebSockets.js'

const ACKNOWLEDGEMENT = Buffer.from('a')

/** The floor: the same sockets as ours, with a message that is only passed on. */
export function startBareRelay(port: number): void {
  App()
    .get('/ready', (response) => {
      response.end()
    })
    .ws('/', {
      message(socket, message) {
        const packet = Buffer.from(message)
        const end = packet.indexOf(0x0a)
        const room = packet.toString('latin1', 1, end < 0 ? packet.length : end)
        if (packet[0] === 0x6a) socket.subscribe(room)
        else {
          // To everybody but the sender, who gets it beside the acknowledgement.
          socket.publish(room, message, true)
          socket.send(message, true)
        }
        socket.send(ACKNOWLEDGEMENT, true)
      },
    })
    .listen('127.0.0.1', port, () => undefined)
}
