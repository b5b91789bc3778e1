import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { CassandraClient } from '../../../src/adapters/cassandra/cassandra-client.ts'
import { readDeployment, startGeneration } from '../../../src/adapters/cassandra/deployment.ts'
import { provisionCassandra } from '../../../src/adapters/cassandra/provision-cassandra.ts'
import { requireProvisionedCassandra } from '../../../src/adapters/cassandra/require-provisioned-cassandra.ts'
import { SCHEMA_VERSION } from '../../../src/adapters/cassandra/schema.ts'
import { PARTITION_HASH } from '../../../src/domain/partition-of.ts'
import { newKeyspace, openProvisionedClient, openTestClient } from '../../support/real-cassandra.ts'
import { startServersOfFile, type RealServers } from '../../support/real-servers.ts'

const servers = await startServersOfFile(['cassandra'])
if (servers !== undefined) describeProvisioning(servers)

function describeProvisioning(servers: RealServers): void {
  describe('provisioning Cassandra', () => {
    it('records what the deployment is, and changes nothing when run again, or twice at once', async (test) => {
      const client = await openTestClient(test, servers, newKeyspace())
      const expected = {
        schemaVersion: SCHEMA_VERSION,
        partitions: 16,
        partitionHash: PARTITION_HASH,
        generation: 1,
      }
      const options = { replicas: 1, partitions: 16 }
      const both = await Promise.all([
        provisionCassandra(client, options),
        provisionCassandra(client, options),
      ])
      assert.deepEqual(both, [expected, expected])
      const tables = await tablesOf(client)
      await client.write(`INSERT INTO ${client.keyspace}.users (user, value) VALUES (?, ?)`, [
        'alice',
        Buffer.from('1'),
      ])
      assert.deepEqual(await provisionCassandra(client, options), expected)
      assert.deepEqual(await tablesOf(client), tables)
      const users = await client.read(`SELECT user FROM ${client.keyspace}.users`, [], (row) => row)
      assert.equal(users.length, 1)
    })

    it('does not change the number of partitions', async (test) => {
      const client = await openProvisionedClient(test, servers)
      await assert.rejects(provisionCassandra(client, { replicas: 1, partitions: 9 }), {
        message: /8 partitions, not 9/,
      })
      assert.equal((await readDeployment(client))?.partitions, 8)
    })

    it('leaves what a newer release has recorded', async (test) => {
      const client = await openProvisionedClient(test, servers)
      await recordSchemaVersion(client, SCHEMA_VERSION + 1)
      await provisionCassandra(client, { replicas: 1, partitions: 8 })
      const deployment = await requireProvisionedCassandra(client, { partitions: 8 })
      assert.equal(deployment.schemaVersion, SCHEMA_VERSION + 1)
    })

    it('raises what an older release has recorded', async (test) => {
      const client = await openProvisionedClient(test, servers)
      await recordSchemaVersion(client, 0)
      await assert.rejects(requireProvisionedCassandra(client, { partitions: 8 }), {
        message: /npm run provision/,
      })
      await provisionCassandra(client, { replicas: 1, partitions: 8 })
      await requireProvisionedCassandra(client, { partitions: 8 })
    })

    it('counts generations of the log', async (test) => {
      const client = await openProvisionedClient(test, servers)
      assert.equal(await startGeneration(client), 2)
      assert.equal(await startGeneration(client), 3)
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

    it('refuses another number of partitions, or another way to find them', async (test) => {
      const client = await openProvisionedClient(test, servers)
      await assert.rejects(requireProvisionedCassandra(client, { partitions: 64 }), {
        message: /8 partitions, not 64/,
      })
      const update = `UPDATE ${client.keyspace}.deployment SET partition_hash = 'other' WHERE name = 'satchel' IF EXISTS`
      await client.writeIf(update, [], () => undefined)
      await assert.rejects(requireProvisionedCassandra(client, { partitions: 8 }), {
        message: /finds partitions by other/,
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

async function recordSchemaVersion(client: CassandraClient, version: number): Promise<void> {
  const update = `UPDATE ${client.keyspace}.deployment SET schema_version = ? WHERE name = 'satchel' IF EXISTS`
  await client.writeIf(update, [version], () => undefined)
}
