import { writeFile, mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { readNatsVersion, requestNats } from './nats-request.mjs'
import { pollUntil } from './poll-until.mjs'

/** @typedef {import('./server.mjs').ServerPlan} ServerPlan */
/** @typedef {import('./service-ports.mjs').ServicePorts} ServicePorts */

const START_TIMEOUT_MS = 60_000
const PROBE_STREAM = 'satchel-services-probe'

/**
 * One server, or three that form a JetStream cluster. Each is usable when it answers; see `untilJetStreamUsable`.
 *
 * @param {{ folder: string, ports: ServicePorts, count: 1 | 3, program: string }} options
 * @returns {readonly ServerPlan[]}
 */
export function planNatsServers({ folder, ports, count, program }) {
  const routes = ports.natsCluster.slice(0, count)
  return ports.nats.slice(0, count).map((port, index) => {
    // A cluster and a server alone cannot use each other's data.
    const name = count === 1 ? 'nats' : `nats-${index + 1}`
    const [monitorPort = 0, clusterPort = 0] = [ports.natsMonitor[index], routes[index]]
    const dataFolder = join(folder, 'data', name)
    const configuration = join(folder, 'conf', `${name}.conf`)
    const address = `nats://127.0.0.1:${port}`
    return {
      name,
      address,
      ports: count === 1 ? [port, monitorPort] : [port, monitorPort, clusterPort],
      program,
      arguments: ['--config', configuration],
      dataFolder,
      prepare: async () => {
        await mkdir(dirname(configuration), { recursive: true })
        const alone = configure({ name, port, monitorPort, dataFolder })
        const cluster = count === 1 ? '' : configureCluster(clusterPort, routes)
        await writeFile(configuration, alone + cluster)
      },
      probe: () => readNatsVersion(address),
      startTimeoutMs: START_TIMEOUT_MS,
    }
  })
}

/**
 * Settles when the servers have found each other and a stream with a replica on each can be made.
 *
 * @param {readonly string[]} addresses
 * @param {number} [timeoutMs]
 */
export async function untilJetStreamUsable(addresses, timeoutMs = START_TIMEOUT_MS) {
  const [first = ''] = addresses
  await pollUntil('JetStream answers', timeoutMs, async () => {
    for (const address of addresses) await requestJetStream(address, 'INFO')
    await requestJetStream(first, `STREAM.CREATE.${PROBE_STREAM}`, {
      name: PROBE_STREAM,
      subjects: [PROBE_STREAM],
      storage: 'memory',
      num_replicas: addresses.length,
    })
    await requestJetStream(first, `STREAM.DELETE.${PROBE_STREAM}`)
    return true
  })
}

/**
 * @param {string} address
 * @param {string} operation
 * @param {object} [request]
 */
async function requestJetStream(address, operation, request) {
  const payload = request === undefined ? '' : JSON.stringify(request)
  const text = await requestNats(address, `$JS.API.${operation}`, payload)
  /** @type {unknown} */
  const parsed = JSON.parse(text)
  const answer = /** @type {{ error?: { description: string } }} */ (parsed)
  if (answer.error !== undefined) throw new Error(`JetStream said ${answer.error.description}`)
}

/** @param {{ name: string, port: number, monitorPort: number, dataFolder: string }} options */
function configure({ name, port, monitorPort, dataFolder }) {
  return `server_name: ${name}
listen: 127.0.0.1:${port}
http: 127.0.0.1:${monitorPort}
jetstream {
  store_dir: ${JSON.stringify(dataFolder)}
  # On disk before it is acknowledged.
  sync_interval: always
}
`
}

/**
 * @param {number} clusterPort
 * @param {readonly number[]} routes
 */
function configureCluster(clusterPort, routes) {
  return `cluster {
  name: satchel
  listen: 127.0.0.1:${clusterPort}
  no_advertise: true
  routes: [${routes.map((port) => `nats://127.0.0.1:${port}`).join(', ')}]
}
`
}
