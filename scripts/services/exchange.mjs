import { connect } from 'node:net'

/**
 * Connects, sends `request`, and gives what `read` makes of all that came back so far, as soon as that is not
 * `undefined`. Rejects when the server hangs up first, or says nothing in time. `read` may send more.
 *
 * @template T
 * @param {string} address `scheme://host:port` or `host:port`
 * @param {Uint8Array} request
 * @param {number} timeoutMs
 * @param {(received: Buffer, send: (more: Uint8Array) => void) => T | undefined} read
 * @returns {Promise<T>}
 */
export function exchange(address, request, timeoutMs, read) {
  const { hostname, port } = new URL(address.includes('://') ? address : `tcp://${address}`)
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname)
    let received = Buffer.alloc(0)
    const timer = setTimeout(() => end(new Error(`${address} did not answer`)), timeoutMs)
    /** @param {Error} problem */
    const end = (problem) => {
      clearTimeout(timer)
      socket.destroy()
      reject(problem)
    }
    socket.on('error', end)
    socket.on('close', () => end(new Error(`${address} hung up`)))
    socket.on('connect', () => socket.write(request))
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk])
      try {
        const answer = read(received, (more) => socket.write(more))
        if (answer === undefined) return
        resolve(answer)
        end(new Error('answered'))
      } catch (error) {
        end(error instanceof Error ? error : new Error(String(error)))
      }
    })
  })
}
