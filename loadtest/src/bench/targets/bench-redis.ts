import { startServices } from '../../../../scripts/services/start-services.mjs'

/** A Redis for a peer, running until it is stopped. */
export async function openBenchRedis(folder: string) {
  const services = await startServices({ folder, only: ['redis'] })
  return {
    url: services.addresses.redis ?? '',
    pids: (): readonly number[] => services.servers.flatMap(({ pid }) => pid ?? []),
    stop: () => services.stop(),
  }
}
