import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createSatchelServer, TOKEN_SECRET } from '../chaos/satchel-server.ts'
import { freePort } from '../free-port.ts'
import { ServerProcess } from '../server-process.ts'
import { oneServer, severalServers, type BenchTarget } from './bench-target.ts'
import { createBareRelayTarget } from './targets/bare-relay-target.ts'
import { createSatchelTarget } from './targets/satchel-target.ts'
import { createSocketIoTarget } from './targets/socket-io-target.ts'
import { DistributedServers } from './targets/distributed-servers.ts'
import { openBenchRedis } from './targets/bench-redis.ts'

export interface TargetsOptions {
  readonly node: string
  readonly environment: Readonly<Record<string, string | undefined>>
  /** For data, logs and profiles. */
  readonly folder: string
  /** Writes a CPU profile of Satchel when it is stopped. */
  readonly profile: boolean
  readonly tell: (line: string) => void
}

const PEERS = join(import.meta.dirname, '..', 'peers')

/** Makes Satchel, with a data folder of its own each time. */
export async function createSatchel(options: TargetsOptions, row: string): Promise<BenchTarget> {
  const folder = join(options.folder, `satchel-${row}`)
  const port = await freePort()
  const nodeFlags = options.profile ? ['--cpu-prof', `--cpu-prof-dir=${folder}`] : []
  const server = await createSatchelServer({ ...options, nodeFlags, folder, port })
  const reachable = { name: 'Satchel', servers: oneServer(server), portOf: () => port }
  return createSatchelTarget(reachable, () => TOKEN_SECRET)
}

/** Two gateways and two chat-cores on real servers, all of which count. */
export function createSatchelDistributed(
  { folder, tell }: TargetsOptions,
  row: string,
): Promise<BenchTarget> {
  const servers = new DistributedServers({ folder: join(folder, `distributed-${row}`), log: tell })
  const portOf = (user: number): number => servers.portOf(user)
  const reachable = { name: 'Satchel, distributed', servers, portOf }
  return Promise.resolve(createSatchelTarget(reachable, () => servers.tokenSecret))
}

/** Two relays that share a Redis: its adapter carries messages between them, a stream of it keeps them. */
export async function createSocketIoRedis(
  options: TargetsOptions,
  row: string,
): Promise<BenchTarget> {
  const redis = await openBenchRedis(join(options.folder, `socket-io-redis-${row}`))
  const [one, onePort] = await createPeer(options, 'socket-io-redis', `${row}-1`, '/', redis.url)
  const [two, twoPort] = await createPeer(options, 'socket-io-redis', `${row}-2`, '/', redis.url)
  const relays = [oneServer(one, 'relay-1'), oneServer(two, 'relay-2')]
  const servers = severalServers([...relays, redis.servers])
  const portOf = (user: number): number => (user % 2 === 0 ? onePort : twoPort)
  return createSocketIoTarget({ name: 'Socket.IO + Redis', servers, portOf })
}

export async function createSocketIo(options: TargetsOptions, row: string): Promise<BenchTarget> {
  const [server, port] = await createPeer(options, 'socket-io-relay', row, '/')
  const reachable = { name: 'Socket.IO', servers: oneServer(server), portOf: () => port }
  return createSocketIoTarget(reachable)
}

export async function createBareRelay(options: TargetsOptions, row: string): Promise<BenchTarget> {
  const [server, port] = await createPeer(options, 'bare-relay', row, '/ready')
  const reachable = { name: 'uWebSockets relay', servers: oneServer(server), portOf: () => port }
  return createBareRelayTarget(reachable)
}

/** A relay by itself, started. */
export async function startBareRelay(
  options: PeerOptions,
  row: string,
): Promise<{ readonly server: ServerProcess; readonly port: number }> {
  const [server, port] = await createPeer(options, 'bare-relay', row, '/ready')
  await server.start()
  return { server, port }
}

type PeerOptions = Pick<TargetsOptions, 'node' | 'environment' | 'folder'>

async function createPeer(
  { node, environment, folder }: PeerOptions,
  name: string,
  row: string,
  readyPath: string,
  ...more: readonly string[]
): Promise<readonly [ServerProcess, number]> {
  await mkdir(folder, { recursive: true })
  const port = await freePort()
  const server = new ServerProcess({
    program: node,
    file: join(PEERS, `${name}-main.ts`),
    args: [String(port), ...more],
    environment,
    logFile: join(folder, `${name}-${row}.log`),
    port,
    readyPath,
  })
  return [server, port]
}
