import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import type { TestContext } from 'node:test'

export interface CuttableProxy {
  readonly port: number
  /** Connections through it at the moment. */
  readonly size: number
  /** Ends all of them at once, as a network does. */
  cut(): void
}

/** A way to `port` that can be cut; gone with the test. */
export async function openCuttableProxy(
  context: TestContext,
  port: number,
): Promise<CuttableProxy> {
  const ends = new Set<Socket>()
  const hold = (end: Socket, other: Socket): void => {
    ends.add(end)
    end.on('error', () => undefined)
    end.on('close', () => {
      ends.delete(end)
      other.destroy()
    })
  }
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1')
    hold(near, far)
    hold(far, near)
    near.pipe(far).pipe(near)
  })
  server.listen({ port: 0, host: '127.0.0.1', backlog: 4_096 })
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port was given')
  const cut = (): void => {
    for (const end of ends) end.resetAndDestroy()
  }
  context.after(() => {
    server.close()
    cut()
  })
  return {
    port: address.port,
    get size() {
      return ends.size / 2
    },
    cut,
  }
}
