import { setTimeout } from 'node:timers/promises'
import { ChatError } from '@satchel/protocol'
import { openCassandraCheckpoints } from '../adapters/cassandra/checkpoints.ts'
import { startGeneration } from '../adapters/cassandra/deployment.ts'
import { provisionCassandra } from '../adapters/cassandra/provision-cassandra.ts'
import { openNatsOwnerDirectory } from '../adapters/nats/owner-directory.ts'
import { provisionBesideLog } from '../adapters/nats/provision-nats.ts'
import {
  readFoundLog,
  startLogGeneration,
  type FoundLog,
} from '../adapters/nats/start-log-generation.ts'
import { provisionS3 } from '../adapters/s3/provision-s3.ts'
import { MAX_POSITION } from '../domain/log-position.ts'
import type { Checkpoints } from '../ports/checkpoints.ts'
import type { OwnerDirectory } from '../ports/owner-directory.ts'
import { CloseStack } from '../runtime/index.ts'
import { createBackendTelemetry } from './backend-telemetry.ts'
import { natsProvisionOf } from './nats-provision-of.ts'
import { openServers } from './open-servers.ts'
import type { ProvisionDeps } from './provision-distributed.ts'
import { requireDistributedSettings } from './require-distributed-settings.ts'

/** Longer than a heartbeat counts, and than the next one takes. */
const HEARTBEAT_LIFE_MS = 2_500

/**
 * Provisions a deployment, but with a log that begins anew, empty, under the next generation, and gives that: for one
 * that lost records, or was lost. What was in it and not decided is given up; what is stored stays as it is. No process starts before the last
 * step is done; run again, it finishes what was interrupted, and leaves alone a log that is new already. Rejects, and
 * leaves the log alone, while a chat-core lives.
 */
export async function startNewGeneration({
  settings,
  log,
  metrics,
}: ProvisionDeps): Promise<number> {
  const distributed = requireDistributedSettings(settings)
  const closing = new CloseStack()
  try {
    const telemetry = createBackendTelemetry(log, metrics)
    const { cassandra, nats, s3 } = await openServers(distributed, telemetry, closing)
    const { partitions, cassandraReplicas: replicas } = settings
    const recorded = await provisionCassandra(cassandra, { replicas, partitions })
    const provision = natsProvisionOf(settings)
    // Whoever lives is found in what may be lost with the log.
    await provisionBesideLog(nats, provision)
    await provisionS3(s3, { origins: ['*'] })
    await requireNoOwner(await openNatsOwnerDirectory({ client: nats, telemetry }))
    const checkpoints = openCassandraCheckpoints(cassandra)
    const found = await readFoundLog(nats, provision)
    if (await isNew(found, recorded.generation, checkpoints, partitions)) return recorded.generation
    const generation = nextGeneration(found, recorded.generation)
    // In this order: from the first stream made anew until the last step, log and store disagree, and nobody starts.
    await startLogGeneration(nats, provision, generation)
    await beginAt(generation, checkpoints, partitions)
    await startGeneration(cassandra, generation)
    return generation
  } finally {
    await closing.close()
  }
}

/** Looks twice: a bucket that was only made now has not been found by everybody. */
async function requireNoOwner(directory: Pick<OwnerDirectory, 'list'>): Promise<void> {
  for (const waitMs of [0, HEARTBEAT_LIFE_MS]) {
    await setTimeout(waitMs)
    const [owner] = await directory.list()
    if (owner === undefined) continue
    const what = `${owner.ownerId} lives, and applies the log`
    throw new ChatError('unavailable', `${what}: stop all gateways, then all chat-cores`)
  }
}

/** Made by an earlier run, and not used since. */
async function isNew(
  { generations, missing, hasRecords }: FoundLog,
  recorded: number,
  checkpoints: Pick<Checkpoints, 'read'>,
  partitions: number,
): Promise<boolean> {
  const isOfOne = generations.length === 1 && generations[0] === recorded
  if (!isOfOne || missing.length > 0 || hasRecords) return false
  for (let partition = 0; partition < partitions; partition++) {
    const checkpoint = await checkpoints.read(partition)
    if (checkpoint?.generation !== recorded || checkpoint.record !== 0) return false
  }
  return true
}

/** One that was begun is ahead of what is recorded. */
function nextGeneration({ generations }: FoundLog, recorded: number): number {
  const newest = Math.max(0, ...generations)
  const generation = newest > recorded ? newest : recorded + 1
  if (generation <= MAX_POSITION.generation) return generation
  throw new ChatError('internal', `a log has at most ${MAX_POSITION.generation} generations`)
}

/** All before is done with. The epoch stays: rules that are newer than a release's own remain so. */
async function beginAt(
  generation: number,
  checkpoints: Checkpoints,
  partitions: number,
): Promise<void> {
  for (let partition = 0; partition < partitions; partition++) {
    const before = await checkpoints.read(partition)
    await checkpoints.write(partition, { generation, record: 0, epoch: before?.epoch })
  }
}
