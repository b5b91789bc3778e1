import { ChatError } from '@satchel/protocol'
import { PARTITION_HASH } from '../../domain/partition-of.ts'
import type { CassandraClient } from './cassandra-client.ts'
import {
  createDeployment,
  raiseSchemaVersion,
  readDeployment,
  requireSamePartitions,
  type Deployment,
} from './deployment.ts'
import { SCHEMA_VERSION, schemaStatements } from './schema.ts'

export interface ProvisionCassandraOptions {
  /** On how many nodes of the data center each row is kept; of an existing keyspace it is left as it is. */
  readonly replicas: number
  /** Of the command log; fixed by the first provisioning. */
  readonly partitions: number
}

const FIRST_GENERATION = 1

/**
 * Makes the keyspace and its tables as far as they are missing, and records what they are; gives what is
 * recorded. Running it again changes nothing, nor does running it with an older release.
 */
export async function provisionCassandra(
  client: CassandraClient,
  { replicas, partitions }: ProvisionCassandraOptions,
): Promise<Deployment> {
  const { keyspace, dataCenter } = client
  await client.define(`CREATE KEYSPACE IF NOT EXISTS ${keyspace}
    WITH replication = {'class': 'NetworkTopologyStrategy', '${dataCenter}': ${replicas}}`)
  for (const statement of schemaStatements(keyspace)) await client.define(statement)
  const wanted: Deployment = {
    schemaVersion: SCHEMA_VERSION,
    partitions,
    partitionHash: PARTITION_HASH,
    generation: FIRST_GENERATION,
  }
  const existing = (await readDeployment(client)) ?? (await createDeployment(client, wanted))
  if (existing === undefined) return wanted
  requireSamePartitions(existing, { partitions })
  if (existing.schemaVersion >= SCHEMA_VERSION) return existing
  const raise = { from: existing.schemaVersion, to: SCHEMA_VERSION }
  if (!(await raiseSchemaVersion(client, raise)))
    throw new ChatError('retry', 'another release is being provisioned: run it again')
  return { ...existing, schemaVersion: SCHEMA_VERSION }
}
