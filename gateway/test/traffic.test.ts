import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newAttachmentId } from '@satchel/protocol'
import type { Backend, ClusterPorts } from '@satchel/chat-core/backends'
import type { UploadRequests } from '@satchel/chat-core/ports'
import { callHttp } from './http-client.ts'
import { openTestCluster, type TestGateway } from './test-cluster.ts'
import { openTestServer, userIdOf } from './test-server.ts'

const content = new Uint8Array(100_000).fill(7)

test('bytes are counted by what they are for, and files apart from all else', async (context) => {
  const server = await openTestServer(context)
  const alice = await server.signIn('alice')
  const conversationId = await alice.group(userIdOf('bob'))
  const [attachmentId, contentType] = [newAttachmentId(), 'application/octet-stream']
  const upload = { attachmentId, conversationId, name: 'a', sizeBytes: content.length, contentType }
  const { urls } = await alice.request('begin_upload', { upload })
  const before = parseBytes(await metricsOf(server))
  await fetch(new URL(urls[0]?.url ?? '', server.url), { method: 'PUT', body: content })
  const after = parseBytes(await metricsOf(server))
  assert.equal(after('media', 'in') - before('media', 'in'), content.length)
  assert.equal(after('media', 'out'), 0)
  assert.equal(after('socket', 'in'), before('socket', 'in'))
  assert.ok(before('socket', 'in') > 0 && before('socket', 'out') > 0)
  assert.ok(after('health', 'out') > before('health', 'out'))
})

test('a gateway of several takes and gives no file', async (context) => {
  const { one } = await openTestCluster(context, { gateways: 1, wrapBackend: asOneOfSeveral })
  const alice = await one.signIn('alice')
  const conversationId = await alice.group(userIdOf('bob'))
  const [attachmentId, contentType] = [newAttachmentId(), 'application/octet-stream']
  const upload = { attachmentId, conversationId, name: 'a', sizeBytes: content.length, contentType }
  const { urls } = await alice.request('begin_upload', { upload })
  const put = await fetch(new URL(urls[0]?.url ?? '', one.url), { method: 'PUT', body: content })
  assert.equal(put.status, 404)
  assert.equal((await callHttp('GET', `${one.url}/m/blob/1/original.bin`)).status, 404)
  const bytes = parseBytes((await one.metrics()).text)
  assert.deepEqual([bytes('media', 'in'), bytes('media', 'out')], [0, 0])
})

/** What tells a gateway that it is not alone; of these ports it asks media workers, of whom there is none. */
function asOneOfSeveral(backend: Backend): Backend {
  const uploadRequests: UploadRequests = {
    ask: () => Promise.resolve(undefined),
    serve: () => () => Promise.resolve(),
  }
  return { ...backend, cluster: { uploadRequests } as ClusterPorts }
}

async function metricsOf({ url }: Pick<TestGateway, 'url'>): Promise<string> {
  return (await fetch(`${url}/metrics`)).text()
}

function parseBytes(text: string) {
  return (family: string, direction: 'in' | 'out'): number => {
    const name = `satchel_bytes_total{family="${family}",direction="${direction}"} `
    return Number(
      text
        .split('\n')
        .find((line) => line.startsWith(name))
        ?.slice(name.length),
    )
  }
}
