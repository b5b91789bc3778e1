import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { repositoryRoot } from '../installation.mjs'
import { planCassandraServer } from './cassandra-server.mjs'
import { planEdgeServer } from './edge-server.mjs'
import { withFileLock } from './file-lock.mjs'
import { describeMissing, findMissingPrograms } from './missing-programs.mjs'
import { planNatsServers, untilJetStreamUsable } from './nats-servers.mjs'
import * as programs from './obtain-programs.mjs'
import { planRedisServer } from './redis-server.mjs'
import { LOCAL_S3, planS3Server } from './s3-server.mjs'
import { SERVICE_NAMES, withNeededServices } from './service-names.mjs'
import { findFreePorts } from './service-ports.mjs'
import { Server } from './server.mjs'

/** @typedef {import('./service-names.mjs').ServiceName} ServiceName */
/** @typedef {import('./server.mjs').ServerPlan} ServerPlan */
/** @typedef {import('./service-ports.mjs').ServicePorts} ServicePorts */

/**
 * @typedef {object} ServicesOptions
 * @property {string} folder of the data, configurations, logs and run files; made when missing
 * @property {readonly ServiceName[]} [only] by default all; the edge brings the store along
 * @property {1 | 3} [natsServers] 3 by default
 * @property {ServicePorts} [ports] by default free ones
 * @property {string} [binFolder] of the built programs, `.services/bin` of the repository by default
 * @property {string} [bucket] what the edge reads, `satchel-media` by default; it is not made here
 * @property {import('./cassandra-server.mjs').CommitlogSync} [commitlogSync] of Cassandra, `batch` by default; `periodic`
 *   forgets what it has answered, and is there to be refused
 * @property {boolean} [isNeverKilled] Cassandra makes tables six times as fast, and forgets them when it is killed
 * @property {boolean} [tied] whether the servers end with this process, however it ends; they do by default
 * @property {(line: string) => void} [log]
 */

/**
 * @typedef {object} ServiceAddresses of the services that were asked for
 * @property {readonly string[]} nats
 * @property {string | undefined} redis
 * @property {{ contactPoint: string, dataCenter: string } | undefined} cassandra
 * @property {{ endpoint: string, region: string, accessKey: string, secretKey: string } | undefined} s3
 * @property {{ url: string, bucket: string, linkSecret: string } | undefined} edge
 */

export const DEFAULT_BIN_FOLDER = join(repositoryRoot, '.services', 'bin')
const DEFAULT_BUCKET = 'satchel-media'

/**
 * Starts real servers and settles when each can be used; those of this folder that run already are left alone. When one
 * fails, those that were started here are stopped again. Throws, naming everything at once, when the machine lacks
 * programs.
 *
 * @param {ServicesOptions} options
 */
export async function startServices(options) {
  const { folder, binFolder = DEFAULT_BIN_FOLDER, tied = true } = options
  const wanted = withNeededServices(options.only ?? SERVICE_NAMES)
  const missing = await findMissingPrograms(wanted, binFolder)
  if (missing.length > 0) throw new Error(describeMissing(missing))
  await mkdir(folder, { recursive: true })
  const ports = options.ports ?? (await findFreePorts())
  const { plans, addresses } = await planServers({ ...options, binFolder }, wanted, ports)
  const servers = plans.map((plan) => new Server(plan, { folder, tied }))
  await withFileLock(join(folder, '.lock'), () => startAll(servers))
  const services = new Services({ folder, ports, servers, addresses })
  await services.untilUsable()
  return services
}

/**
 * Builds and fetches what the servers need and is not there, and starts nothing. Throws, naming everything at once, when
 * the machine lacks programs.
 *
 * @param {readonly ServiceName[]} names
 * @param {(line: string) => void} log
 */
export async function obtainPrograms(names, log) {
  const wanted = withNeededServices(names)
  const missing = await findMissingPrograms(wanted, DEFAULT_BIN_FOLDER)
  if (missing.length > 0) throw new Error(describeMissing(missing))
  const workshop = { binFolder: DEFAULT_BIN_FOLDER, log }
  if (wanted.includes('nats')) await programs.obtainNatsServer(workshop)
  if (wanted.includes('s3')) await programs.obtainVersitygw(workshop)
  if (wanted.includes('cassandra')) await programs.obtainCassandra(workshop)
}

/** Servers that were started together. */
export class Services {
  /**
   * @param {object} started
   * @param {string} started.folder
   * @param {ServicePorts} started.ports
   * @param {readonly Server[]} started.servers
   * @param {ServiceAddresses} started.addresses
   */
  constructor({ folder, ports, servers, addresses }) {
    this.folder = folder
    this.ports = ports
    this.servers = servers
    this.addresses = addresses
  }

  /**
   * One of them: `nats` (or `nats-1` to `nats-3`), `redis`, `cassandra`, `s3`, `edge`.
   *
   * @param {string} name
   */
  server(name) {
    const server = this.servers.find((candidate) => candidate.name === name)
    if (server === undefined) throw new Error(`there is no server ${name}`)
    return server
  }

  /** Settles when all that run answer and the NATS servers form their cluster: for after a restart of several. */
  async untilUsable() {
    if (this.addresses.nats.length > 0) await untilJetStreamUsable(this.addresses.nats)
  }

  async stop() {
    await Promise.all(this.servers.map((server) => server.stop()))
  }
}

/** @param {readonly Server[]} servers */
async function startAll(servers) {
  const stopped = servers.filter((server) => server.pid === undefined)
  const outcomes = await Promise.allSettled(servers.map((server) => server.start()))
  const problems = outcomes.flatMap((outcome) =>
    outcome.status === 'rejected' ? [messageOf(outcome.reason)] : [],
  )
  if (problems.length === 0) return
  await Promise.all(stopped.map((server) => server.stop()))
  throw new Error(problems.join('\n\n'))
}

/** @param {unknown} reason */
function messageOf(reason) {
  return reason instanceof Error ? reason.message : String(reason)
}

/**
 * @param {ServicesOptions & { binFolder: string }} options
 * @param {readonly ServiceName[]} wanted
 * @param {ServicePorts} ports
 */
async function planServers(options, wanted, ports) {
  const { folder, binFolder, natsServers = 3, bucket = DEFAULT_BUCKET } = options
  const workshop = { binFolder, log: options.log ?? (() => undefined) }
  /** @type {ServerPlan[]} */
  const plans = []
  /** @type {ServiceAddresses} */
  const addresses = {
    ...{ nats: [], redis: undefined, cassandra: undefined, s3: undefined, edge: undefined },
  }
  if (wanted.includes('nats')) {
    const program = await programs.obtainNatsServer(workshop)
    const nats = planNatsServers({ folder, ports, count: natsServers, program })
    plans.push(...nats)
    addresses.nats = nats.map(({ address }) => address)
  }
  if (wanted.includes('redis')) {
    const program = programs.obtainRedisServer()
    const redis = planRedisServer({ folder, port: ports.redis, program })
    plans.push(redis)
    addresses.redis = redis.address
  }
  if (wanted.includes('cassandra')) {
    const { java, home } = await programs.obtainCassandra(workshop)
    const [port, storagePort] = [ports.cassandra, ports.cassandraStorage]
    const { commitlogSync, isNeverKilled } = options
    const server = { folder, port, storagePort, java, home, commitlogSync, isNeverKilled }
    const cassandra = planCassandraServer(server)
    plans.push(cassandra)
    addresses.cassandra = { contactPoint: cassandra.address, dataCenter: 'datacenter1' }
  }
  if (wanted.includes('s3')) {
    const program = await programs.obtainVersitygw(workshop)
    const s3 = planS3Server({ folder, port: ports.s3, program })
    plans.push(s3)
    addresses.s3 = { endpoint: s3.address, ...LOCAL_S3 }
    if (wanted.includes('edge')) {
      const linkSecret = readOrMakeSecret(join(folder, 'data', 'link-secret'))
      const [nginx, storeAddress] = [await programs.obtainNginx(), s3.address]
      const server = { folder, port: ports.edge, storeAddress, bucket, linkSecret, nginx }
      const edge = planEdgeServer(server)
      plans.push(edge)
      addresses.edge = { url: edge.address, bucket, linkSecret }
    }
  }
  return { plans, addresses }
}

/** @param {string} file */
function readOrMakeSecret(file) {
  if (!existsSync(file)) {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, randomBytes(32).toString('base64url'), { mode: 0o600 })
  }
  return readFileSync(file, 'utf8')
}

/**
 * Removes what the servers of this folder have stored, their logs and their configurations. They must have been stopped.
 *
 * @param {string} folder
 */
export async function removeServicesData(folder) {
  for (const name of ['addresses.json', 'conf', 'data', 'log', 'run']) {
    await rm(join(folder, name), { recursive: true, force: true })
  }
}
