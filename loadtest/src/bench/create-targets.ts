import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createSatchelServer } from '../chaos/satchel-server.ts'
import { freePort } from '../free-port.ts'
import { ServerProcess } from '../server-process.ts'
import type { BenchTarget } from './bench-target.ts'
import { createBareRelayTarget } from './targets/bare-relay-target.ts'
import { createSatchelTarget } from './targets/satchel-target.ts'
import { createSocketIoTarget } from './targets/socket-io-target.ts'

export interface TargetsOptions {
  readonly node: string
  readonly environment: Readonly<Record<string, string | undefined>>
  /** For data, logs and profiles. */
  readonly folder: string
  /** Writes a CPU profile of Satchel when it is stopped. */
  readonly profile: boolean
}

const PEERS = join(import.meta.dirname, '..', 'peers')

/** Makes Satchel, with a data folder of its own each time. */
export async function createSatchel(options: TargetsOptions, row: string): Promise<BenchTarget> {
  const folder = join(options.folder, `satchel-${row}`)
  const port = await freePort()
  const nodeFlags = options.profile ? ['--cpu-prof', `--cpu-prof-dir=${folder}`] : []
  return createSatchelTarget(
    await createSatchelServer({ ...options, nodeFlags, folder, port }),
    port,
  )
}

export async function createSocketIo(options: TargetsOptions, row: string): Promise<BenchTarget> {
  const [server, port] = await createPeer(options, 'socket-io-relay', row, '/')
  return createSocketIoTarget(server, port)
}

export async function createBareRelay(options: TargetsOptions, row: string): Promise<BenchTarget> {
  const [server, port] = await createPeer(options, 'bare-relay', row, '/ready')
  return createBareRelayTarget(server, port)
}

async function createPeer(
  { node, environment, folder }: TargetsOptions,
  name: string,
  row: string,
  readyPath: string,
): Promise<readonly [ServerProcess, number]> {
  await mkdir(folder, { recursive: true })
  const port = await freePort()
  const server = new ServerProcess({
    node,
    file: join(PEERS, `${name}-main.ts`),
    args: [String(port)],
    environment,
    logFile: join(folder, `${name}-${row}.log`),
    port,
    readyPath,
  })
  return [server, port]
}
