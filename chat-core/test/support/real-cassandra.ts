import { randomBytes } from 'node:crypto'
import type { TestContext } from 'node:test'
import {
  openCassandraClient,
  type CassandraClient,
} from '../../src/adapters/cassandra/cassandra-client.ts'
import { provisionCassandra } from '../../src/adapters/cassandra/provision-cassandra.ts'
import type { RealServers } from './real-servers.ts'
import { RecordedServerTelemetry } from './recorded-server-telemetry.ts'

export const PARTITIONS = 8

/** A keyspace's name that nobody else has. */
export function newKeyspace(): string {
  return `test_${randomBytes(6).toString('hex')}`
}

/** A client closed after the test; of the keyspace named, there or not. */
export async function openTestClient(
  test: Pick<TestContext, 'after'>,
  servers: RealServers,
  keyspace: string,
  telemetry = new RecordedServerTelemetry(),
): Promise<CassandraClient> {
  const address = servers.addresses.cassandra
  if (address === undefined) throw new Error('no Cassandra was started')
  const { contactPoint, dataCenter } = address
  const client = await openCassandraClient({
    contactPoints: [contactPoint],
    dataCenter,
    keyspace,
    telemetry,
  })
  test.after(() => client.close())
  return client
}

/** A client of a keyspace that has just been provisioned for it. */
export async function openProvisionedClient(
  test: Pick<TestContext, 'after'>,
  servers: RealServers,
): Promise<CassandraClient> {
  const client = await openTestClient(test, servers, newKeyspace())
  await provisionCassandra(client, { replicas: 1, partitions: PARTITIONS })
  return client
}
