import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { logStreamOf } from '../../../src/adapters/nats/log-streams.ts'
import { openManager } from '../../../src/adapters/nats/nats-resource.ts'
import type { LogProvision } from '../../../src/adapters/nats/provision-log.ts'
import { provisionNats, requireProvisionedNats } from '../../../src/adapters/nats/provision-nats.ts'
import { startLogGeneration } from '../../../src/adapters/nats/start-log-generation.ts'
import { eventually } from '../../support/eventually.ts'
import { newDeployment, openTestNatsClient } from '../../support/nats-clients.ts'
import { startServersOfFile } from '../../support/real-servers.ts'
import { openLogStage } from './log-stage.ts'
import { readAll, ResendingSender } from './resending-sender.ts'

const servers = await startServersOfFile(['nats'])
if (servers !== undefined) describeProvisioning(servers.addresses.nats)

async function open(test: TestContext, urls: readonly string[]) {
  const deployment = newDeployment()
  const client = await openTestNatsClient(test, urls, deployment)
  const manager = await openManager(client)
  const provision: LogProvision = {
    ...{ deployment, partitions: 3, replicas: 1, logMaxBytes: 1024 * 1024 },
  }
  const describeStreams = () =>
    Promise.all(
      [0, 1, 2].map(async (partition) => {
        const { config, created } = await manager.streams.info(logStreamOf(deployment, partition))
        return { config, created }
      }),
    )
  return { deployment, client, manager, provision, describeStreams }
}

function describeProvisioning(urls: readonly string[]): void {
  describe('provisioning the command log', () => {
    it('makes streams that keep everything, and changes nothing when run again', async (test) => {
      const { client, provision, describeStreams } = await open(test, urls)
      await provisionNats(client, provision)
      const made = await describeStreams()
      for (const { config } of made) {
        const { retention, discard, storage, max_age, max_bytes } = config
        assert.deepEqual(
          { retention, discard, storage, max_age, max_bytes },
          {
            ...{ retention: 'limits', discard: 'new', storage: 'file', max_age: 0 },
            max_bytes: 1024 * 1024,
          },
        )
      }
      await provisionNats(client, provision)
      assert.deepEqual(await describeStreams(), made)
      assert.deepEqual(await requireProvisionedNats(client, provision), { logGeneration: 1 })
    })

    it('completes what is missing, and follows settings that may change', async (test) => {
      const { client, manager, provision, deployment, describeStreams } = await open(test, urls)
      await provisionNats(client, provision)
      await manager.streams.delete(logStreamOf(deployment, 1))
      await assert.rejects(requireProvisionedNats(client, provision), /npm run provision/)
      await provisionNats(client, { ...provision, logMaxBytes: 2 * 1024 * 1024 })
      for (const { config } of await describeStreams())
        assert.equal(config.max_bytes, 2 * 1024 * 1024)
      assert.deepEqual(await requireProvisionedNats(client, provision), { logGeneration: 1 })
    })

    it('refuses a number of partitions that would misfile conversations', async (test) => {
      const { client, provision } = await open(test, urls)
      await provisionNats(client, provision)
      for (const partitions of [2, 4]) {
        const other = { ...provision, partitions }
        const refusal = { code: 'unavailable', message: /SATCHEL_PARTITIONS/ }
        await assert.rejects(provisionNats(client, other), refusal)
        await assert.rejects(requireProvisionedNats(client, other), refusal)
      }
    })

    it('refuses a stream that may drop what was not read', async (test) => {
      const { client, manager, provision, deployment } = await open(test, urls)
      await provisionNats(client, provision)
      await manager.streams.update(logStreamOf(deployment, 2), { max_age: 3_600_000_000_000 })
      await assert.rejects(requireProvisionedNats(client, provision), /max_age.*npm run provision/)
      await provisionNats(client, provision)
      await requireProvisionedNats(client, provision)
    })

    it('says what to do about a server that has no room for the streams', async (test) => {
      const { client, provision } = await open(test, urls)
      const logMaxBytes = 1024 ** 5
      await assert.rejects(provisionNats(client, { ...provision, logMaxBytes }), {
        ...{ code: 'unavailable', message: /SATCHEL_LOG_MAX_BYTES/ },
      })
    })

    it('starts a new generation, empty and numbered from one, which readers of the old one are told', async (test) => {
      const { client, provision, deployment } = await open(test, urls)
      await provisionNats(client, provision)
      const old = await openLogStage(test, urls, { deployment, partitions: 3 })
      const sender = new ResendingSender()
      await sender.send(2, () => old.commandLog, 1)
      const records = readAll(old.commandLog, 2)
      await startLogGeneration(client, provision, 2)
      assert.deepEqual(await old.partitionLog.extent(0), {
        ...{ generation: 2, firstRecord: 1, lastRecord: 0, fullness: 0 },
      })
      assert.deepEqual(await requireProvisionedNats(client, provision), { logGeneration: 2 })
      await assert.doesNotReject(provisionNats(client, provision))
      await eventually(() =>
        assert.deepEqual(records, [
          { kind: 'broken', generation: 1, record: 3, reason: 'missing' },
        ]),
      )
    })

    it('finishes a new generation that was interrupted', async (test) => {
      const { client, manager, provision, deployment } = await open(test, urls)
      await provisionNats(client, provision)
      const name = logStreamOf(deployment, 1)
      const { config } = await manager.streams.info(name)
      const metadata = { ...config.metadata, satchel_generation: '2' }
      await manager.streams.update(name, { metadata })
      await assert.rejects(requireProvisionedNats(client, provision), /several generations/)
      await assert.rejects(provisionNats(client, provision), /several generations/)
      await startLogGeneration(client, provision, 2)
      await assert.rejects(startLogGeneration(client, provision, 1), { code: 'retry' })
      assert.deepEqual(await requireProvisionedNats(client, provision), { logGeneration: 2 })
    })
  })
}
