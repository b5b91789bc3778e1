import {
  openCassandraClient,
  type CassandraClient,
} from '../adapters/cassandra/cassandra-client.ts'
import { openNatsClient, type NatsClient } from '../adapters/nats/nats-client.ts'
import { openRedisClient, type RedisClient } from '../adapters/redis/redis-client.ts'
import { openS3Client, type S3Client } from '../adapters/s3/s3-client.ts'
import type { ServerTelemetry } from '../adapters/server-telemetry.ts'
import { createMonotonicClock, type CloseStack } from '../runtime/index.ts'
import type { DistributedSettings } from './require-distributed-settings.ts'

/** A connection to each server of a deployment. */
export interface Servers {
  readonly nats: NatsClient
  readonly redis: RedisClient
  readonly cassandra: CassandraClient
  readonly s3: S3Client
  /** A second bucket of the same store, with the same objects. */
  readonly replica: S3Client | undefined
}

/** Connects to everything at once; what was opened is closed with `closing`. */
export async function openServers(
  settings: DistributedSettings,
  telemetry: ServerTelemetry,
  closing: CloseStack,
): Promise<Servers> {
  const { deployment } = settings
  const shared = { deployment, name: 'satchel', telemetry }
  const s3 = openS3(settings, settings.s3Bucket, telemetry)
  closing.add('S3', () => s3.close())
  const { replica: replicaBucket } = settings
  const replica = replicaBucket && openS3(settings, replicaBucket, telemetry)
  if (replica) closing.add('replica', () => replica.close())
  const opened = await Promise.allSettled([
    openNatsClient({ ...shared, urls: settings.natsUrls }),
    openRedisClient({ ...shared, url: settings.redisUrl, clock: createMonotonicClock() }),
    openCassandra(settings, telemetry),
  ])
  for (const one of opened) {
    if (one.status === 'fulfilled') closing.add('server', () => one.value.close())
  }
  const [nats, redis, cassandra] = opened
  return {
    nats: requireOpened(nats),
    redis: requireOpened(redis),
    cassandra: requireOpened(cassandra),
    s3,
    replica: replica || undefined,
  }
}

/** What provisioning needs of them. */
function openCassandra(
  settings: DistributedSettings,
  telemetry: ServerTelemetry,
): Promise<CassandraClient> {
  return openCassandraClient({
    contactPoints: settings.cassandraHosts,
    dataCenter: settings.cassandraDataCenter,
    keyspace: settings.deployment,
    user: settings.cassandraUser,
    password: settings.cassandraPassword,
    telemetry,
  })
}

function openS3(
  settings: DistributedSettings,
  bucket: string,
  telemetry: ServerTelemetry,
): S3Client {
  return openS3Client({
    endpoint: settings.s3Endpoint,
    publicEndpoint: settings.s3PublicEndpoint,
    region: settings.s3Region,
    bucket,
    accessKey: settings.s3AccessKey,
    secretKey: settings.s3SecretKey,
    telemetry,
  })
}

function requireOpened<Client>(opened: PromiseSettledResult<Client>): Client {
  if (opened.status === 'rejected') throw opened.reason
  return opened.value
}
