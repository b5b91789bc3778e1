import { randomBytes } from 'node:crypto'
import { before, test as registerTest } from 'node:test'
import { closeAfter } from '../../../scripts/close-after.mjs'
import { requireTestServices } from '../../../scripts/services/test-services.mjs'
import {
  openCassandraClient,
  type CassandraClient,
} from '../../src/adapters/cassandra/cassandra-client.ts'
import { provisionCassandra } from '../../src/adapters/cassandra/provision-cassandra.ts'
import { FILE, startServersOfFile, type RealServers } from './real-servers.ts'
import { RecordedServerTelemetry } from './recorded-server-telemetry.ts'

/** Servers, Cassandra among them. */
export interface CassandraServers {
  readonly addresses: Pick<RealServers['addresses'], 'cassandra'>
}

/** A test, or a file of them. */
interface Ending {
  after(work: () => Promise<void>): void
}

export const PARTITIONS = 8

/**
 * A Cassandra for the tests of a file, which leave it running: that of the whole run, or the file's own when it is run
 * alone. Where the machine lacks it a skipped test says so, and there is none.
 */
export async function startCassandraOfFile(): Promise<CassandraServers | undefined> {
  if (process.env['SATCHEL_TEST_SERVICES_URL'] === undefined)
    return startServersOfFile(['cassandra'], { isNeverKilled: true })
  const context = {
    ...FILE,
    skip(reason: string): void {
      void registerTest('with Cassandra', { skip: reason })
    },
  }
  const addresses = await requireTestServices(context)
  return addresses && { addresses }
}

/** A keyspace's name that nobody else has. */
export function newKeyspace(): string {
  return `test_${randomBytes(6).toString('hex')}`
}

/** A client closed after the test; of the keyspace named, there or not. */
export async function openTestClient(
  test: Ending,
  servers: CassandraServers,
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
  closeAfter(test, () => client.close())
  return client
}

/** A client of a keyspace that has just been provisioned for it. */
export async function openProvisionedClient(
  test: Ending,
  servers: CassandraServers,
): Promise<CassandraClient> {
  const client = await openTestClient(test, servers, newKeyspace())
  await provisionCassandra(client, { replicas: 1, partitions: PARTITIONS })
  return client
}

/** Two clients of one keyspace, for all tests of a file. */
export function sharedClients(
  servers: CassandraServers,
): () => readonly [CassandraClient, CassandraClient] {
  let clients: readonly [CassandraClient, CassandraClient] | undefined
  const endings: (() => Promise<void>)[] = []
  const ending = { after: (work: () => Promise<void>) => void endings.push(work) }
  closeAfter(FILE, async () => {
    for (const work of endings) await work()
  })
  before(async () => {
    const one = await openProvisionedClient(ending, servers)
    clients = [one, await openTestClient(ending, servers, one.keyspace)]
  })
  return () => {
    if (clients === undefined) throw new Error('Cassandra is provisioned before the first test')
    return clients
  }
}
