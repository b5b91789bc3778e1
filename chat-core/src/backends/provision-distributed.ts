import { ChatError } from '@satchel/protocol'
import { openCassandraCheckpoints } from '../adapters/cassandra/checkpoints.ts'
import { provisionCassandra } from '../adapters/cassandra/provision-cassandra.ts'
import { provisionNats } from '../adapters/nats/provision-nats.ts'
import { readFoundLog } from '../adapters/nats/start-log-generation.ts'
import { provisionS3 } from '../adapters/s3/provision-s3.ts'
import type { Checkpoints } from '../ports/checkpoints.ts'
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
    const provision = natsProvisionOf(settings)
    const { missing } = await readFoundLog(nats, provision)
    await requireNeverUsed(missing, openCassandraCheckpoints(cassandra))
    await provisionNats(nats, provision)
    await provisionS3(s3, { origins: ['*'] })
  } finally {
    await closing.close()
  }
}

/** A stream that is made in the place of a lost one would be taken for it once it has grown as long. */
async function requireNeverUsed(
  partitions: readonly number[],
  checkpoints: Pick<Checkpoints, 'read'>,
): Promise<void> {
  for (const partition of partitions) {
    if ((await checkpoints.read(partition)) === undefined) continue
    const what = `the log of partition ${partition} is gone, and what is stored rests on it`
    throw new ChatError('internal', `${what}: see “A log that is refused” in docs/OPERATIONS.md`)
  }
}
