import { randomBytes } from 'node:crypto'
import { ChatError } from '@satchel/protocol'
import { openCassandraAttachmentCatalogue } from '../adapters/cassandra/attachment-catalogue.ts'
import { openCassandraBlobCatalogue } from '../adapters/cassandra/blob-catalogue.ts'
import { openCassandraCatalogueWalk } from '../adapters/cassandra/catalogue-walk.ts'
import { openCassandraCheckpoints } from '../adapters/cassandra/checkpoints.ts'
import { openCassandraConversationStore } from '../adapters/cassandra/conversation-store.ts'
import { openCassandraErasures } from '../adapters/cassandra/erasures.ts'
import { openCassandraFollowers } from '../adapters/cassandra/followers.ts'
import { openCassandraForbiddenBytes } from '../adapters/cassandra/forbidden-bytes.ts'
import { openCassandraInbox } from '../adapters/cassandra/inbox.ts'
import { openCassandraMarks } from '../adapters/cassandra/marks.ts'
import { openCassandraMentions } from '../adapters/cassandra/mentions.ts'
import { requireProvisionedCassandra } from '../adapters/cassandra/require-provisioned-cassandra.ts'
import { openCassandraTimeline } from '../adapters/cassandra/timeline.ts'
import { openCassandraUsers } from '../adapters/cassandra/users.ts'
import { openNatsCommandLog } from '../adapters/nats/command-log.ts'
import { openNatsDeadLetters } from '../adapters/nats/dead-letters.ts'
import { openNatsGatewayBus } from '../adapters/nats/gateway-bus.ts'
import { openNatsJobQueue } from '../adapters/nats/job-queue.ts'
import { LOG_RECORD_VERSION } from '../adapters/nats/log-record.ts'
import { openNatsMembers } from '../adapters/nats/members.ts'
import { openNatsOwnerDirectory } from '../adapters/nats/owner-directory.ts'
import { openNatsOwnerRequests } from '../adapters/nats/owner-requests.ts'
import { openNatsPartitionLog } from '../adapters/nats/partition-log.ts'
import { requireProvisionedNats } from '../adapters/nats/provision-nats.ts'
import { openNatsUploadRequests } from '../adapters/nats/upload-requests.ts'
import { openRedisHeads } from '../adapters/redis/heads.ts'
import { openRedisPresence } from '../adapters/redis/presence.ts'
import { openRedisQuotaWindows } from '../adapters/redis/quota-windows.ts'
import { openRedisSessionRegistry } from '../adapters/redis/session-registry.ts'
import { openS3ColdStorage } from '../adapters/s3/cold-storage.ts'
import { openS3ObjectStore } from '../adapters/s3/object-store.ts'
import { requireProvisionedS3 } from '../adapters/s3/provision-s3.ts'
import { openS3UploadTarget } from '../adapters/s3/upload-target.ts'
import { markCondemned } from '../links/mark-condemned.ts'
import {
  CloseStack,
  createMonotonicClock,
  createSystemClock,
  createTimers,
  type Log,
  type Metrics,
  type Settings,
} from '../runtime/index.ts'
import type { Backend, ClusterPorts } from './backend.ts'
import { createBackendTelemetry, type BackendTelemetry } from './backend-telemetry.ts'
import { countNatsBytes } from './count-nats-bytes.ts'
import { natsProvisionOf } from './nats-provision-of.ts'
import { openServers, type Servers } from './open-servers.ts'
import { requireDistributedSettings } from './require-distributed-settings.ts'

export interface DistributedBackendOptions {
  readonly settings: Settings
  readonly log: Log
  readonly metrics: Metrics
}

/** What the ports are opened with. */
interface Parts extends Servers {
  readonly settings: Settings
  readonly generation: number
  readonly telemetry: BackendTelemetry
  readonly closing: CloseStack
}

/**
 * Every port on NATS, Redis, Cassandra and S3, which must have been provisioned. Throws `SettingsError`, or
 * a `ChatError` that says what to do.
 */
export async function openDistributedBackend(
  options: DistributedBackendOptions,
): Promise<Backend & { readonly cluster: ClusterPorts }> {
  const settings = requireDistributedSettings(options.settings)
  const closing = new CloseStack()
  try {
    const telemetry = createBackendTelemetry(options.log, options.metrics)
    const servers = await openServers(settings, telemetry, closing)
    countNatsBytes(options.metrics, servers.nats.connection)
    const generation = await requireProvisioned(servers, settings)
    return await openPorts({ ...servers, settings, generation, telemetry, closing })
  } catch (error) {
    await closing.close()
    throw error
  }
}

/** Gives the generation of the command log, on which everything agrees. */
async function requireProvisioned(
  { cassandra, nats, s3 }: Servers,
  settings: Settings,
): Promise<number> {
  const [{ generation }, { logGeneration }] = await Promise.all([
    requireProvisionedCassandra(cassandra, settings),
    requireProvisionedNats(nats, natsProvisionOf(settings)),
    requireProvisionedS3(s3),
  ])
  if (generation !== logGeneration)
    throw new ChatError(
      'internal',
      `the log is of generation ${logGeneration}, and what is stored follows ${generation}: run \`npm run provision -- --new-generation\``,
    )
  return generation
}

async function openPorts(parts: Parts): Promise<Backend & { readonly cluster: ClusterPorts }> {
  const { nats, redis, cassandra, s3, replica, settings, telemetry, closing } = parts
  const clock = createSystemClock()
  const monotonic = createMonotonicClock()
  const { partitions } = settings
  const jobs = await openNatsJobQueue({ client: nats, timers: createTimers(), telemetry })
  const commandLog = await openCommandLog(parts)
  const requests = openNatsOwnerRequests({ client: nats, clock: monotonic, telemetry })
  const heads = openRedisHeads({ client: redis, requests, partitions, clock: monotonic })
  closing.add('heads', () => heads.close())
  const bus = openNatsGatewayBus({
    client: nats,
    telemetry,
    // What Redis has may be older, when an owner cannot reach it.
    heardOf: (conversationId, seq) => heads.saw(conversationId, seq),
  })
  closing.add('bus', () => bus.close())
  const sessions = openRedisSessionRegistry({ client: redis, clock: monotonic, telemetry })
  closing.add('sessions', () => sessions.close())
  const presence = openRedisPresence({ client: redis, clock: monotonic })
  closing.add('presence', () => presence.close())
  const objects = openS3ObjectStore(s3)
  return {
    clock,
    commandLog,
    conversations: openCassandraConversationStore({ client: cassandra, jobs }),
    heads,
    timeline: openCassandraTimeline(cassandra),
    inbox: openCassandraInbox(cassandra),
    members: openNatsMembers({ requests, partitions }),
    marks: openCassandraMarks(cassandra),
    mentions: openCassandraMentions(cassandra),
    followers: openCassandraFollowers(cassandra),
    users: openCassandraUsers(cassandra),
    sessions,
    presence,
    bus,
    quotas: openRedisQuotaWindows({ client: redis, clock, telemetry }),
    attachments: openCassandraAttachmentCatalogue({ client: cassandra, clock }),
    // Edges keep what they have fetched, and must be told what was deleted.
    blobs: markCondemned(openCassandraBlobCatalogue({ client: cassandra, clock }), objects),
    erasures: openCassandraErasures(cassandra),
    forbidden: openCassandraForbiddenBytes(cassandra),
    catalogueWalk: openCassandraCatalogueWalk(cassandra),
    objects,
    replica: replica && openS3ObjectStore(replica),
    coldStorage: openS3ColdStorage(s3, { storageClass: settings.tieringClass }),
    uploadTarget: openS3UploadTarget(s3),
    jobs,
    cluster: await openClusterPorts(parts, requests),
    close: () => closing.close(),
  }
}

async function openCommandLog({
  nats,
  settings,
  generation,
  telemetry,
  closing,
}: Parts): Promise<Backend['commandLog']> {
  const commandLog = await openNatsCommandLog({
    client: nats,
    timers: createTimers(),
    telemetry,
    partitions: settings.partitions,
    generation,
    origin: { gatewayId: '', bootId: randomBytes(6).toString('hex') },
  })
  closing.add('command log', () => commandLog.close())
  return commandLog
}

async function openClusterPorts(
  { nats, cassandra, telemetry, closing }: Parts,
  requests: ClusterPorts['requests'],
): Promise<ClusterPorts> {
  const partitionLog = await openNatsPartitionLog({
    client: nats,
    timers: createTimers(),
    telemetry,
  })
  closing.add('partition log', () => partitionLog.close())
  return {
    newestRecordVersion: LOG_RECORD_VERSION,
    partitionLog,
    directory: await openNatsOwnerDirectory({ client: nats, telemetry }),
    checkpoints: openCassandraCheckpoints(cassandra),
    requests,
    deadLetters: openNatsDeadLetters(nats),
    uploadRequests: openNatsUploadRequests({ client: nats, timers: createTimers(), telemetry }),
  }
}
