import { openNatsJobQueue } from '../../../src/adapters/nats/job-queue.ts'
import { describeJobs } from '../../../src/adapters/nats/job-streams.ts'
import { openNatsClient, type NatsClient } from '../../../src/adapters/nats/nats-client.ts'
import { openManager, provisionResource } from '../../../src/adapters/nats/nats-resource.ts'
import { createTimers } from '../../../src/runtime/timers.ts'
import { describeJobQueue, type OpenedQueue } from '../../contracts/job-queue.contract.ts'
import { newDeployment } from '../../support/nats-clients.ts'
import { startServersOfFile, type RealServers } from '../../support/real-servers.ts'
import { RecordedServerTelemetry } from '../../support/recorded-server-telemetry.ts'

/** Long enough for another job to get through meanwhile. */
const DELAY_MS = 1_500
const ACK_WAIT_MS = 1_000
const FAILED_DELAY_MS = 200

const servers = await startServersOfFile(['nats'])
if (servers !== undefined) describeJobQueue('nats', () => openQueue(servers))

async function openQueue({ addresses }: RealServers): Promise<OpenedQueue> {
  const deployment = newDeployment()
  const telemetry = new RecordedServerTelemetry()
  const open = (): Promise<NatsClient> =>
    openNatsClient({ urls: addresses.nats, deployment, name: 'job queue', telemetry })
  const openPort = (client: NatsClient) =>
    openNatsJobQueue({
      ...{ client, timers: createTimers(), telemetry },
      ...{ failedDelayMs: FAILED_DELAY_MS, ackWaitMs: ACK_WAIT_MS },
    })
  let client = await open()
  const manager = await openManager(client)
  for (const resource of describeJobs({ deployment, replicas: 1, ackWaitMs: ACK_WAIT_MS }))
    await provisionResource(manager, resource)
  let port = await openPort(client)
  return {
    get port() {
      return port
    },
    async reopen() {
      await client.connection.close()
      client = await open()
      port = await openPort(client)
    },
    close: () => client.close(),
    delayMs: DELAY_MS,
    // Time passes by itself.
    advance: () => undefined,
  }
}
