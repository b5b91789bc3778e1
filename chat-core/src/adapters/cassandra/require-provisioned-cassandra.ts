import { ChatError } from '@satchel/protocol'
import type { CassandraClient, CassandraRow } from './cassandra-client.ts'
import {
  notProvisioned,
  readDeployment,
  requireSamePartitions,
  type Deployment,
} from './deployment.ts'
import { SCHEMA_VERSION } from './schema.ts'

/** With these, a node has a write on its disk before it answers. */
const SAFE_SYNC: readonly string[] = ['batch', 'group']

/**
 * What a process needs to find before it uses Cassandra: the tables of its release, its own division into
 * partitions, and nodes that do not answer a write before it is on disk. Throws a `ChatError` that says
 * what to do; gives what the deployment is.
 */
export async function requireProvisionedCassandra(
  client: CassandraClient,
  expected: { readonly partitions: number },
): Promise<Deployment> {
  const deployment = await readIfProvisioned(client)
  if (deployment === undefined || deployment.schemaVersion < SCHEMA_VERSION)
    throw notProvisioned(client.keyspace)
  requireSamePartitions(deployment, expected)
  await requireSyncedWrites(client)
  return deployment
}

async function readIfProvisioned(client: CassandraClient): Promise<Deployment | undefined> {
  try {
    return await readDeployment(client)
  } catch (error) {
    // No such keyspace, or no such table in it.
    if (error instanceof ChatError && error.code === 'internal')
      throw notProvisioned(client.keyspace, error)
    throw error
  }
}

async function requireSyncedWrites(
  client: Pick<CassandraClient, 'readFromEachNode'>,
): Promise<void> {
  const nodes = await client.readFromEachNode(
    `SELECT value FROM system_views.settings WHERE name = 'commitlog_sync'`,
    parseSetting,
  )
  for (const { node, rows } of nodes) {
    const [sync = 'unknown'] = rows
    if (SAFE_SYNC.includes(sync)) continue
    throw new ChatError(
      'internal',
      `Cassandra's node ${node} has commitlog_sync ${sync}, which forgets answered writes when it dies: set it to batch or group`,
    )
  }
}

function parseSetting(row: CassandraRow): string {
  return row['value'] as string
}
