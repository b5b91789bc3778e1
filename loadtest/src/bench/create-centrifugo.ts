import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort } from '../free-port.ts'
import { ServerProcess } from '../server-process.ts'
import { oneServer, severalServers } from './bench-target.ts'
import type { TargetsOptions } from './create-targets.ts'
import type { CreateTarget } from './run-bench.ts'
import { openBenchRedis } from './targets/bench-redis.ts'
import { centrifugoSettings } from './targets/centrifugo-settings.ts'
import { createCentrifugoTarget } from './targets/centrifugo-target.ts'

/** One process that keeps the history of its channels in memory. */
export function createCentrifugo(program: string): CreateTarget {
  return async (options, row) => {
    const [server, port] = await createServer(program, options, row)
    const reachable = { name: 'Centrifugo', servers: oneServer(server), portOf: () => port }
    return createCentrifugoTarget(reachable)
  }
}

/** Two that share a Redis, which keeps the history and carries messages between them. */
export function createCentrifugoRedis(program: string): CreateTarget {
  return async (options, row) => {
    const redis = await openBenchRedis(join(options.folder, `centrifugo-redis-${row}`))
    const [one, onePort] = await createServer(program, options, `${row}-1`, redis.url)
    const [two, twoPort] = await createServer(program, options, `${row}-2`, redis.url)
    const nodes = [oneServer(one, 'centrifugo-1'), oneServer(two, 'centrifugo-2')]
    return createCentrifugoTarget({
      name: 'Centrifugo + Redis',
      servers: severalServers([...nodes, redis.servers]),
      portOf: (user) => (user % 2 === 0 ? onePort : twoPort),
    })
  }
}

async function createServer(
  program: string,
  { folder, environment }: TargetsOptions,
  row: string,
  redisUrl?: string,
): Promise<readonly [ServerProcess, number]> {
  await mkdir(folder, { recursive: true })
  const port = await freePort()
  const settingsFile = join(folder, `centrifugo-${row}.json`)
  await writeFile(settingsFile, JSON.stringify(centrifugoSettings(port, redisUrl)))
  const server = new ServerProcess({
    program,
    args: ['--config', settingsFile],
    environment,
    logFile: join(folder, `centrifugo-${row}.log`),
    port,
    readyPath: '/health',
  })
  return [server, port]
}
