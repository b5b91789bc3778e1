import { ChatError } from '@satchel/protocol'
import { PARTITION_HASH } from '../../domain/partition-of.ts'
import type { CassandraClient, CassandraRow } from './cassandra-client.ts'

/** What a deployment was provisioned as. */
export interface Deployment {
  readonly schemaVersion: number
  readonly partitions: number
  /** Name of the function that says which partition a conversation lives in. */
  readonly partitionHash: string
  /** Of the command log; grows when a new log takes the place of a lost one. */
  readonly generation: number
}

const NAME = 'satchel'
const COLUMNS = 'schema_version, partitions, partition_hash, generation'

/** `undefined` before the first provisioning has come that far; rejects when there is no such keyspace. */
export async function readDeployment(
  client: Pick<CassandraClient, 'keyspace' | 'read'>,
): Promise<Deployment | undefined> {
  const [deployment] = await client.read(
    `SELECT ${COLUMNS} FROM ${client.keyspace}.deployment WHERE name = ?`,
    [NAME],
    parseDeployment,
  )
  return deployment
}

/** Records a first provisioning; when somebody else was first, gives what they recorded. */
export async function createDeployment(
  client: Pick<CassandraClient, 'keyspace' | 'writeIf'>,
  { schemaVersion, partitions, partitionHash, generation }: Deployment,
): Promise<Deployment | undefined> {
  const outcome = await client.writeIf(
    `INSERT INTO ${client.keyspace}.deployment (name, ${COLUMNS}) VALUES (?, ?, ?, ?, ?) IF NOT EXISTS`,
    [NAME, schemaVersion, partitions, partitionHash, generation],
    parseDeployment,
  )
  return outcome.applied ? undefined : outcome.current
}

/** Records that the tables of a newer release are there too; false when somebody else has changed the version. */
export async function raiseSchemaVersion(
  client: Pick<CassandraClient, 'keyspace' | 'writeIf'>,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<boolean> {
  const { applied } = await client.writeIf(
    `UPDATE ${client.keyspace}.deployment SET schema_version = ? WHERE name = ? IF schema_version = ?`,
    [to, NAME, from],
    () => undefined,
  )
  return applied
}

/**
 * Records that the log is of this generation, so that processes take it; the last step of making it anew. It
 * never goes back: rejects with `retry` when somebody else has come further.
 */
export async function startGeneration(
  client: Pick<CassandraClient, 'keyspace' | 'read' | 'writeIf'>,
  generation: number,
): Promise<void> {
  const deployment = await readDeployment(client)
  if (deployment === undefined) throw notProvisioned(client.keyspace)
  if (deployment.generation === generation) return
  const { applied } = await client.writeIf(
    `UPDATE ${client.keyspace}.deployment SET generation = ? WHERE name = ? IF generation < ?`,
    [generation, NAME, generation],
    () => undefined,
  )
  if (!applied) throw new ChatError('retry', 'somebody else has started a generation of the log')
}

export function notProvisioned(keyspace: string, cause?: unknown): ChatError {
  const message = `Cassandra's keyspace ${keyspace} is not provisioned: run \`npm run provision\``
  return new ChatError('internal', message, { cause })
}

/** Throws unless a deployment divides conversations as this process does. */
export function requireSamePartitions(
  { partitions, partitionHash }: Pick<Deployment, 'partitions' | 'partitionHash'>,
  expected: { readonly partitions: number },
): void {
  if (partitions !== expected.partitions)
    throw new ChatError(
      'internal',
      `the deployment was provisioned with ${partitions} partitions, not ${expected.partitions}: set SATCHEL_PARTITIONS to that`,
    )
  if (partitionHash !== PARTITION_HASH)
    throw new ChatError(
      'internal',
      `the deployment finds partitions by ${partitionHash}, this release by ${PARTITION_HASH}`,
    )
}

function parseDeployment(row: CassandraRow): Deployment {
  return {
    schemaVersion: row['schema_version'] as number,
    partitions: row['partitions'] as number,
    partitionHash: row['partition_hash'] as string,
    generation: row['generation'] as number,
  }
}
