import { join } from 'node:path'
import { requestRedis } from './redis-request.mjs'

/**
 * Redis without persistence: what it holds may vanish.
 *
 * @param {{ folder: string, port: number, program: string }} options
 * @returns {import('./server.mjs').ServerPlan}
 */
export function planRedisServer({ folder, port, program }) {
  const dataFolder = join(folder, 'data', 'redis')
  const address = `redis://127.0.0.1:${port}`
  return {
    name: 'redis',
    address,
    ports: [port],
    program,
    arguments: [
      ...['--bind', '127.0.0.1', '--port', String(port)],
      ...['--dir', dataFolder, '--save', '', '--appendonly', 'no'],
    ],
    dataFolder,
    probe: async () => {
      await requestRedis(address, 'PING')
      const information = await requestRedis(address, 'INFO server')
      const [, version = 'unknown'] = /^redis_version:(\S+)/m.exec(information) ?? []
      return version
    },
    startTimeoutMs: 30_000,
  }
}
