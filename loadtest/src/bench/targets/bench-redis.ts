import { startServices } from '../../../../scripts/services/start-services.mjs'
import type { NamedProcess } from '../process-meter.ts'

/** A Redis for a peer, running until it is stopped. */
export async function openBenchRedis(folder: string) {
  const services = await startServices({ folder, only: ['redis'] })
  return {
    url: services.addresses.redis ?? '',
    processes: (): readonly NamedProcess[] =>
      services.servers.flatMap(({ name, pid }) => (pid === undefined ? [] : [{ name, pid }])),
    stop: () => services.stop(),
  }
}
