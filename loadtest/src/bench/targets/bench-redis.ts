import { startServices } from '../../../../scripts/services/start-services.mjs'
import type { BenchServers } from '../bench-target.ts'

export interface BenchRedis {
  readonly url: string
  readonly servers: BenchServers
}

/** A Redis for a peer, running from now on until it is stopped. */
export async function openBenchRedis(folder: string): Promise<BenchRedis> {
  const services = await startServices({ folder, only: ['redis'] })
  return {
    url: services.addresses.redis ?? '',
    servers: {
      start: () => Promise.resolve(),
      stop: () => services.stop(),
      processes: () =>
        services.servers.flatMap(({ name, pid }) => (pid === undefined ? [] : [{ name, pid }])),
    },
  }
}
