import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, describe, it, test as registerTest, type TestContext } from 'node:test'
import { newAttachmentId, newConversationId } from '@satchel/protocol'
import {
  deploymentSettings,
  makeSecrets,
} from '../../../scripts/deployment/deployment-settings.mjs'
import { requireTestServices } from '../../../scripts/services/test-services.mjs'
import type { Backend } from '../../src/backends/backend.ts'
import { openDistributedBackend } from '../../src/backends/distributed.ts'
import { provisionDistributed } from '../../src/backends/provision-distributed.ts'
import type { HeadRow } from '../../src/domain/conversation-state.ts'
import type { GatewayMessage } from '../../src/ports/gateway-bus.ts'
import { createLog, createMetrics, readSettings } from '../../src/runtime/index.ts'
import { eventually } from '../support/eventually.ts'
import { newBlob } from '../support/media-rows.ts'
import { ALICE } from '../support/people.ts'

type Addresses = NonNullable<Awaited<ReturnType<typeof requireTestServices>>>

// Open until every test is over, and what the tests opened is closed.
const addresses = await requireTestServices({
  after,
  skip: (reason) => void registerTest('with all services', { skip: reason }),
})
if (addresses !== undefined) describeWith(addresses)

function describeWith(addresses: Addresses): void {
  describe('the distributed backend', () => {
    it('reads no head older than what its gateway was told of', async (test) => {
      const backend = await openBackend(test, addresses)
      const id = newConversationId('group')
      await backend.heads.publish(new Map([[id, headAt(3)]]))
      assert.deepEqual(await backend.heads.read([id]), [headAt(3)])

      const heard: GatewayMessage[] = []
      backend.bus.listen('here', (message) => heard.push(message))
      await backend.bus.flush()
      // As when its owner cannot reach Redis: the head is announced, and not stored.
      backend.bus.send('here', { type: 'head', conversationId: id, head: headAt(4) })
      await eventually(() => assert.equal(heard.length, 1))
      // Nobody owns the partition here; an owner would say 4.
      assert.deepEqual(await backend.heads.read([id]), ['unreachable'])
    })

    it('marks in the bucket what nothing refers to any more, for edges to see', async (test) => {
      const { blobs, objects } = await openBackend(test, addresses)
      const [blob, reference] = [newBlob(), newAttachmentId()]
      const isMarked = async () => (await objects.head(`condemned/${blob.key}`)) !== undefined
      await blobs.store(blob, reference)
      assert.equal(await isMarked(), false)
      await blobs.removeReference(blob.key, reference, 1)
      assert.equal(await isMarked(), true)
      await blobs.addReference(blob.key, reference)
      assert.equal(await isMarked(), false)
    })
  })
}

/** Of a deployment of its own. */
async function openBackend(test: TestContext, addresses: Addresses): Promise<Backend> {
  const deployment = `test_${randomBytes(6).toString('hex')}`
  const shared = { addresses, secrets: makeSecrets(), partitions: 2 }
  const settings = readSettings(deploymentSettings({ deployment, ...shared }))
  const log = createLog({ logLevel: 'silent' }, { write: () => undefined })
  const process = () => ({ settings, log, metrics: createMetrics({ processMetrics: false }) })
  await provisionDistributed(process())
  const backend = await openDistributedBackend(process())
  test.after(() => backend.close())
  return backend
}

function headAt(seq: number): HeadRow {
  return {
    ...{ kind: 'group', creatorId: ALICE, createdMs: 1, membershipSeq: 1, memberCount: 2 },
    ...{ fanout: 'small', deleted: false, seq, ordinal: seq, timeMs: seq },
  }
}
