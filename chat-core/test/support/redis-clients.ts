import type { TestContext } from 'node:test'
import { closeAfter } from '../../../scripts/close-after.mjs'
import { openRedisClient, type RedisClient } from '../../src/adapters/redis/redis-client.ts'
import { createMonotonicClock } from '../../src/runtime/monotonic-clock.ts'
import { newDeployment } from './nats-clients.ts'
import type { RealServers } from './real-servers.ts'
import { RecordedServerTelemetry } from './recorded-server-telemetry.ts'

/** As one process of a deployment has it, until the end of the test. */
export async function openTestRedisClient(
  test: TestContext,
  { addresses }: RealServers,
  deployment: string = newDeployment(),
): Promise<{ readonly client: RedisClient; readonly telemetry: RecordedServerTelemetry }> {
  const telemetry = new RecordedServerTelemetry()
  const client = await openRedisClient({
    ...{ url: addresses.redis ?? '', deployment, name: 'test', telemetry },
    clock: createMonotonicClock(),
  })
  closeAfter(test, () => {
    client.close()
  })
  return { client, telemetry }
}
