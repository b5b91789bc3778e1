import {
  choiceSetting,
  httpUrl,
  integerSetting,
  listSetting,
  optionalSetting,
  textSetting,
  type Setting,
} from './setting.ts'

const HOUR_MS = 3_600_000
const MEGABYTE = 1024 * 1024

/** What says where the services of a distributed deployment are; most of it means nothing embedded. */
export const DISTRIBUTED_SETTINGS = {
  backend: choiceSetting(
    'SATCHEL_BACKEND',
    ['embedded', 'distributed'],
    'embedded',
    '`embedded`: everything in this process and its data folder. `distributed`: this process is one of several, on NATS, Redis, Cassandra and S3.',
  ),
  deployment: textSetting(
    'SATCHEL_DEPLOYMENT',
    'satchel',
    'Name of the deployment: keyspace, streams and keys start with it, so that several can share the services. 1 to 24 of `a-z`, `0-9` and `_`, a letter first.',
    deploymentName,
  ),
  partitions: integerSetting(
    'SATCHEL_PARTITIONS',
    { min: 1, max: 1_024, otherwise: 64 },
    'Partitions of the command log. Fixed when the deployment is provisioned: a process set otherwise refuses to start.',
  ),
  natsUrls: listSetting(
    'SATCHEL_NATS_URLS',
    'none',
    'NATS servers, `nats://host:port`, separated by commas.',
  ),
  natsReplicas: integerSetting(
    'SATCHEL_NATS_REPLICAS',
    { min: 1, max: 5, otherwise: 3 },
    'On how many NATS servers streams are kept. Used when provisioning.',
  ),
  logRetentionMs: integerSetting(
    'SATCHEL_LOG_RETENTION_MS',
    { min: 60_000, max: 30 * 24 * HOUR_MS, otherwise: 72 * HOUR_MS },
    'How long commands stay in the log once they are done with, in milliseconds; an hour at most while a partition is more than half full.',
  ),
  logMaxBytes: integerSetting(
    'SATCHEL_LOG_MAX_BYTES',
    { min: MEGABYTE, max: 1024 * 1024 * MEGABYTE, otherwise: 1024 * MEGABYTE },
    'How large one partition of the log may grow; a full one refuses commands. Used when provisioning.',
  ),
  redisUrl: optionalSetting(
    'SATCHEL_REDIS_URL',
    'none',
    'Redis, `redis://[user:password@]host:port[/database]`.',
  ),
  cassandraHosts: listSetting(
    'SATCHEL_CASSANDRA_HOSTS',
    'none',
    'Cassandra nodes to begin with, `host:port`, separated by commas.',
  ),
  cassandraDataCenter: textSetting(
    'SATCHEL_CASSANDRA_DATA_CENTER',
    'datacenter1',
    'Data center whose nodes are used, and whose quorum counts.',
  ),
  cassandraUser: optionalSetting('SATCHEL_CASSANDRA_USER', 'none', 'User at Cassandra.'),
  cassandraPassword: optionalSetting(
    'SATCHEL_CASSANDRA_PASSWORD',
    'none',
    'Password of that user.',
  ),
  cassandraReplicas: integerSetting(
    'SATCHEL_CASSANDRA_REPLICAS',
    { min: 1, max: 7, otherwise: 3 },
    'On how many nodes each row is kept. Used when provisioning.',
  ),
  s3Endpoint: optionalSetting(
    'SATCHEL_S3_ENDPOINT',
    'AWS',
    'Where the S3 store is, `http(s)://host[:port]`.',
    httpUrl,
  ),
  s3PublicEndpoint: optionalSetting(
    'SATCHEL_S3_PUBLIC_ENDPOINT',
    'the same as `SATCHEL_S3_ENDPOINT`',
    'Where clients reach the S3 store to bring their uploads.',
    httpUrl,
  ),
  s3Region: textSetting('SATCHEL_S3_REGION', 'us-east-1', 'Region of the bucket.'),
  s3Bucket: textSetting('SATCHEL_S3_BUCKET', 'satchel-media', 'Bucket of all media.'),
  s3AccessKey: optionalSetting('SATCHEL_S3_ACCESS_KEY', 'none', 'Access key of the S3 store.'),
  s3SecretKey: optionalSetting('SATCHEL_S3_SECRET_KEY', 'none', 'Secret of that access key.'),
  mediaUrl: optionalSetting(
    'SATCHEL_MEDIA_URL',
    "the server's own",
    'Under which `http(s)://` address clients reach media: that of the edge. Links start with it.',
    httpUrl,
  ),
} as const satisfies Readonly<Record<string, Setting<unknown>>>

function deploymentName(text: string): string {
  if (!/^[a-z][a-z0-9_]{0,23}$/.test(text))
    throw new Error('expected 1 to 24 of a-z, 0-9 and _, a letter first')
  return text
}
