import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createSatchelServer, SERVER_KEY, TOKEN_SECRET } from '../chaos/satchel-server.ts'
import { DistributedServers } from '../bench/targets/distributed-servers.ts'
import { freePort } from '../free-port.ts'
import type { NamedProcess } from '../bench/process-meter.ts'

/** A running product under load, with all its servers. */
export interface LoadTarget {
  /** On 127.0.0.1, of every gateway. */
  readonly ports: readonly number[]
  readonly tokenSecret: string
  readonly serverKey: string
  /** All whose use of the machine counts. */
  servers(): readonly NamedProcess[]
  /** Where what grows is, by what it is. */
  readonly folders: Readonly<Record<'log' | 'store' | 'media', readonly string[]>>
  close(): Promise<void>
}

export interface LoadTargetOptions {
  readonly node: string
  readonly environment: Readonly<Record<string, string | undefined>>
  /** For data and logs. */
  readonly folder: string
  /** On real servers; one process alone otherwise. */
  readonly isDistributed: boolean
  /** Only when distributed. */
  readonly gateways?: number | undefined
  readonly chatCores?: number | undefined
  readonly tell: (line: string) => void
}

export async function openLoadTarget(options: LoadTargetOptions): Promise<LoadTarget> {
  await mkdir(options.folder, { recursive: true })
  return options.isDistributed ? openDistributed(options) : openEmbedded(options)
}

async function openEmbedded(options: LoadTargetOptions): Promise<LoadTarget> {
  const port = await freePort()
  const server = await createSatchelServer({ ...options, port })
  await server.start()
  const data = join(options.folder, 'data')
  const metricsUrl = `http://127.0.0.1:${port}/metrics`
  return {
    ports: [port],
    tokenSecret: TOKEN_SECRET,
    serverKey: SERVER_KEY,
    servers: () =>
      server.pid === undefined ? [] : [{ name: 'satchel', pid: server.pid, metricsUrl }],
    folders: {
      log: [join(data, 'journal-a'), join(data, 'journal-b')],
      store: [join(data, 'store')],
      media: [join(data, 'media')],
    },
    close: () => server.kill('SIGTERM'),
  }
}

async function openDistributed(options: LoadTargetOptions): Promise<LoadTarget> {
  const { folder, gateways, chatCores, tell: log } = options
  const servers = new DistributedServers({ folder, gateways, chatCores, log })
  await servers.start()
  return {
    ports: servers.ports,
    tokenSecret: servers.tokenSecret,
    serverKey: servers.serverKey,
    servers: () => servers.processes(),
    folders: servers.folders,
    close: () => servers.stop(),
  }
}
