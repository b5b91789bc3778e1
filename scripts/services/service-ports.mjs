import { createServer } from 'node:net'

/**
 * @typedef {object} ServicePorts
 * @property {readonly number[]} nats clients, one per server
 * @property {readonly number[]} natsCluster
 * @property {readonly number[]} natsMonitor
 * @property {number} redis
 * @property {number} cassandra CQL
 * @property {number} cassandraStorage
 * @property {number} s3
 * @property {number} edge
 */

/** Of `npm run services`: beside Satchel's own 7700, and none that a distribution's packages take. */
export const DEFAULT_PORTS = /** @type {const} */ ({
  nats: [7711, 7712, 7713],
  natsCluster: [7721, 7722, 7723],
  natsMonitor: [7731, 7732, 7733],
  redis: 7740,
  cassandra: 7750,
  cassandraStorage: 7751,
  s3: 7760,
  edge: 7770,
})

/**
 * Gives ports that nobody listens on now, each once. They lie below those that outgoing connections are given, so that a
 * server that was killed finds its port free when it comes back.
 *
 * @returns {() => Promise<number>}
 */
export function createPortFinder() {
  /** @type {Set<number>} */
  const given = new Set()
  return async () => {
    for (;;) {
      const port = 10_000 + Math.floor(Math.random() * 20_000)
      if (given.has(port) || !(await isFree(port))) continue
      given.add(port)
      return port
    }
  }
}

/** @returns {Promise<ServicePorts>} */
export async function findFreePorts() {
  const one = createPortFinder()
  const three = async () => [await one(), await one(), await one()]
  return {
    nats: await three(),
    natsCluster: await three(),
    natsMonitor: await three(),
    redis: await one(),
    cassandra: await one(),
    cassandraStorage: await one(),
    s3: await one(),
    edge: await one(),
  }
}

/**
 * Whether a server could listen on this port of 127.0.0.1.
 *
 * @param {number} port
 * @returns {Promise<boolean>}
 */
export function isFree(port) {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
