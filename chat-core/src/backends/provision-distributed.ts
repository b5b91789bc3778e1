import { provisionCassandra } from '../adapters/cassandra/provision-cassandra.ts'
import { provisionNats } from '../adapters/nats/provision-nats.ts'
import { provisionS3 } from '../adapters/s3/provision-s3.ts'
import { CloseStack, type Log, type Metrics, type Settings } from '../runtime/index.ts'
import { createBackendTelemetry } from './backend-telemetry.ts'
import { natsProvisionOf } from './nats-provision-of.ts'
import { openServers } from './open-servers.ts'
import { requireDistributedSettings } from './require-distributed-settings.ts'

export interface ProvisionDeps {
  readonly settings: Settings
  readonly log: Log
  readonly metrics: Metrics
}

/** Makes schema, streams and bucket of a deployment, as far as they are missing; run again, it changes nothing. */
export async function provisionDistributed({
  settings,
  log,
  metrics,
}: ProvisionDeps): Promise<void> {
  const distributed = requireDistributedSettings(settings)
  const closing = new CloseStack()
  try {
    const telemetry = createBackendTelemetry(log, metrics)
    const { cassandra, nats, s3 } = await openServers(distributed, telemetry, closing)
    // The partitions are fixed here, before anything rests on them.
    await provisionCassandra(cassandra, {
      replicas: settings.cassandraReplicas,
      partitions: settings.partitions,
    })
    await provisionNats(nats, natsProvisionOf(settings))
    await provisionS3(s3, { origins: ['*'] })
  } finally {
    await closing.close()
  }
}
