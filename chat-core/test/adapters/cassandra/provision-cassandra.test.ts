import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { CassandraClient } from '../../../src/adapters/cassandra/cassandra-client.ts'
import {
  readDeployment,
  startGeneration,
  type Deployment,
} from '../../../src/adapters/cassandra/deployment.ts'
import { provisionCassandra } from '../../../src/adapters/cassandra/provision-cassandra.ts'
import { requireProvisionedCassandra } from '../../../src/adapters/cassandra/require-provisioned-cassandra.ts'
import { SCHEMA_VERSION } from '../../../src/adapters/cassandra/schema.ts'
import { PARTITION_HASH } from '../../../src/domain/partition-of.ts'
import {
  PARTITIONS,
  newKeyspace,
  openProvisionedClient,
  openTestClient,
  sharedClients,
  startCassandraOfFile,
  type CassandraServers,
} from '../../support/real-cassandra.ts'
import { startRealServers } from '../../support/real-servers.ts'

const FRESH: Deployment = {
  schemaVersion: SCHEMA_VERSION,
  partitions: PARTITIONS,
  partitionHash: PARTITION_HASH,
  generation: 1,
}

const servers = await startCassandraOfFile()
if (servers !== undefined) describeProvisioning(servers)

function describeProvisioning(servers: CassandraServers): void {
  const clients = sharedClients(servers)

  /** Of a keyspace that was provisioned once, and is recorded as just provisioned. */
  async function freshClient(): Promise<CassandraClient> {
    const [client] = clients()
    await record(client, FRESH)
    return client
  }

  describe('provisioning Cassandra', () => {
    it('records what the deployment is, and changes nothing when run again, or twice at once', async (test) => {
      const client = await openTestClient(test, servers, newKeyspace())
      const options = { replicas: 1, partitions: PARTITIONS }
      const both = await Promise.all([
        provisionCassandra(client, options),
        provisionCassandra(client, options),
      ])
      assert.deepEqual(both, [FRESH, FRESH])
      const tables = await tablesOf(client)
      await client.write(`INSERT INTO ${client.keyspace}.users (user, value) VALUES (?, ?)`, [
        'alice',
        Buffer.from('1'),
      ])
      assert.deepEqual(await provisionCassandra(client, options), FRESH)
      assert.deepEqual(await tablesOf(client), tables)
      const users = await client.read(`SELECT user FROM ${client.keyspace}.users`, [], (row) => row)
      assert.equal(users.length, 1)
    })

    it('does not change the number of partitions', async () => {
      const client = await freshClient()
      await assert.rejects(provisionCassandra(client, { replicas: 1, partitions: 9 }), {
        message: /8 partitions, not 9/,
      })
      assert.equal((await readDeployment(client))?.partitions, 8)
    })

    it('leaves what a newer release has recorded', async () => {
      const client = await freshClient()
      const newer = { ...FRESH, schemaVersion: SCHEMA_VERSION + 1 }
      await record(client, newer)
      await provisionCassandra(client, { replicas: 1, partitions: 8 })
      assert.deepEqual(await requireProvisionedCassandra(client, { partitions: 8 }), newer)
    })

    it('raises what an older release has recorded', async () => {
      const client = await freshClient()
      await record(client, { ...FRESH, schemaVersion: SCHEMA_VERSION - 1 })
      await assert.rejects(requireProvisionedCassandra(client, { partitions: 8 }), {
        message: /npm run provision/,
      })
      await provisionCassandra(client, { replicas: 1, partitions: 8 })
      assert.deepEqual(await requireProvisionedCassandra(client, { partitions: 8 }), FRESH)
    })

    it('follows generations of the log, and never back', async () => {
      const client = await freshClient()
      for (const generation of [2, 2, 3]) await startGeneration(client, generation)
      await assert.rejects(startGeneration(client, 2), { code: 'retry' })
      assert.equal((await readDeployment(client))?.generation, 3)
    })
  })

  describe('starting on Cassandra', () => {
    it('says what to do where nothing was provisioned', async (test) => {
      const client = await openTestClient(test, servers, newKeyspace())
      await assert.rejects(requireProvisionedCassandra(client, { partitions: 8 }), {
        name: 'ChatError',
        message: /npm run provision/,
      })
    })

    it('refuses another number of partitions, or another way to find them', async () => {
      const client = await freshClient()
      await assert.rejects(requireProvisionedCassandra(client, { partitions: 64 }), {
        message: /8 partitions, not 64/,
      })
      await record(client, { ...FRESH, partitionHash: 'other' })
      await assert.rejects(requireProvisionedCassandra(client, { partitions: 8 }), {
        message: /finds partitions by other/,
      })
    })

    it('refuses nodes that answer a write before it is on disk', async (test) => {
      const forgetful = await startRealServers(test, ['cassandra'], { commitlogSync: 'periodic' })
      if (forgetful === undefined) return
      const client = await openProvisionedClient(test, forgetful)
      await assert.rejects(requireProvisionedCassandra(client, { partitions: 8 }), {
        message: /commitlog_sync periodic/,
      })
    })
  })
}

async function tablesOf(client: CassandraClient): Promise<readonly unknown[]> {
  return client.read(
    'SELECT table_name, id FROM system_schema.tables WHERE keyspace_name = ?',
    [client.keyspace],
    (row) => ({ ...row }),
  )
}

async function record(client: CassandraClient, deployment: Deployment): Promise<void> {
  const { schemaVersion, partitions, partitionHash, generation } = deployment
  const update = `UPDATE ${client.keyspace}.deployment
    SET schema_version = ?, partitions = ?, partition_hash = ?, generation = ?
    WHERE name = 'satchel' IF EXISTS`
  const values = [schemaVersion, partitions, partitionHash, generation]
  await client.writeIf(update, values, () => undefined)
}
