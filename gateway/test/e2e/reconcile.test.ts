import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { openDistributedBackend, type Backend } from '@satchel/chat-core/backends'
import { createLog, createMetrics, readSettings } from '@satchel/chat-core/runtime'
import { parseAttachmentId, type BlobKey } from '@satchel/protocol'
import { startDeployment } from '../../../scripts/deployment/start-deployment.mjs'
import { requestS3, type S3Address } from '../../../scripts/services/s3-request.mjs'
import { dropKeyspace } from '../../../scripts/services/cql-request.mjs'
import { requireTestServices } from '../../../scripts/services/test-services.mjs'
import { eventually } from '../eventually.ts'
import { connectClient } from '../support/connect-client.ts'

type Environment = Readonly<Record<string, string>>

const main = fileURLToPath(new URL('../../../media-worker/src/reconcile-main.ts', import.meta.url))

/** Runs the command as an operator does. */
function reconcile(
  settings: Environment,
  ...line: readonly string[]
): Promise<{ readonly code: number; readonly said: string }> {
  const env = { PATH: process.env['PATH'], SATCHEL_LOG_LEVEL: 'warn', ...settings }
  return new Promise((resolve) => {
    execFile(process.execPath, [main, ...line], { env }, (error, out, problems) => {
      resolve({ code: Number(error?.code ?? 0), said: out === '' ? problems : out })
    })
  })
}

async function openFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'satchel-reconcile-'))
}

test('a stopped server’s folder is compared with its catalogue', async (t) => {
  const folder = await openFolder()
  t.after(() => rm(folder, { recursive: true, force: true }))
  const settings = { SATCHEL_DATA_DIR: folder }
  const report = await reconcile(settings, 'report')
  assert.deepEqual(report, { code: 0, said: 'catalogue and bucket agree\n' })
  const wrong = await reconcile(settings, 'mend')
  assert.equal(wrong.code, 1)
  assert.match(wrong.said, /npm run reconcile -- report/)
})

test('a deployment’s bucket is compared with its catalogue while it runs', async (t) => {
  const addresses = await requireTestServices(t)
  if (addresses === undefined) return
  const folder = await openFolder()
  const name = `test_${randomBytes(6).toString('hex')}`
  const started = { folder, addresses, deployment: name, partitions: 4, gateways: 1, chatCores: 1 }
  const settings = { SATCHEL_LOG_LEVEL: 'warn' }
  const deployment = await startDeployment({ ...started, settings })
  try {
    const [url = ''] = deployment.gatewayUrls
    const alice = await connectClient(t, url, 'alice')
    const conversation = await alice.createConversation({ kind: 'group', title: 'notes' })
    assert.ok(conversation.id)
    const file = new File(['something to keep'], 'note.txt')
    const upload = alice.upload(file, { conversationId: conversation.id })
    const { seq } = await conversation.send({ attachments: [upload] })
    await eventually('the file is ready', async () => {
      const { messages } = await conversation.history({ around: seq, limit: 1 })
      return messages.some(({ attachments }) => attachments[0]?.state === 'ready')
    })
    const agreed = await reconcile(deployment.settings, 'report')
    assert.deepEqual(agreed, { code: 0, said: 'catalogue and bucket agree\n' })

    const blob = await withBackend(deployment.settings, (backend) => blobOf(backend, upload.id))
    const asked = await reconcile(deployment.settings, 'reprocess', '--kind', 'other', '--json')
    const lines = [{ blob }, { asked: 1 }].map((line) => JSON.stringify(line))
    assert.deepEqual(asked, { code: 0, said: `${lines.join('\n')}\n` })
    await withBackend(deployment.settings, ({ blobs }) =>
      eventually(
        'it is described anew',
        async () => (await blobs.read(blob))?.former !== undefined,
      ),
    )

    const replica = await keepCopy(addresses.s3, addresses.edge, name, `blob/${blob}`)
    await withBackend(deployment.settings, async ({ objects }) => {
      await objects.remove([`blob/${blob}`])
      // As of somebody who died over it.
      await objects.put(`condemned/${blob}`, (async function* () {})(), 0)
    })
    const report = await reconcile(deployment.settings, 'repair', '--json')
    assert.equal(report.code, 2)
    const [mark, finding, totals] = report.said
      .trim()
      .split('\n')
      .map((text) => JSON.parse(text) as unknown)
    assert.deepEqual(mark, { kind: 'mark_without_need', blob, repair: 'removed' })
    assert.deepEqual(finding, { kind: 'blob_without_object', blob, repair: 'kept' })
    assert.deepEqual(totals, {
      found: { mark_without_need: 1, blob_without_object: 1 },
      repairs: { removed: 1, kept: 1 },
    })
    const scanned = await reconcile(
      { ...deployment.settings, SATCHEL_REPLICA: replica },
      'scan',
      '--json',
    )
    assert.match(scanned.said, /"restored"/)
    assert.equal((await reconcile(deployment.settings, 'report')).code, 0)
  } finally {
    // Before its servers, which end with the test where it is run alone.
    await deployment.stop()
    await dropKeyspace(addresses.cassandra?.contactPoint, name)
    await rm(folder, { recursive: true, force: true })
  }
})

/** A second bucket with one object of the first. Gives its name. */
async function keepCopy(
  s3: S3Address | undefined,
  edge: { readonly bucket: string } | undefined,
  deployment: string,
  key: string,
): Promise<string> {
  assert.ok(s3 && edge)
  const replica = `replica-${deployment.replaceAll('_', '-')}`
  const found = await requestS3(s3, 'GET', `/${edge.bucket}/${key}`)
  const bytes = new Uint8Array(await found.arrayBuffer())
  assert.ok((await requestS3(s3, 'PUT', `/${replica}`)).ok)
  assert.ok((await requestS3(s3, 'PUT', `/${replica}/${key}`, bytes)).ok)
  return replica
}

/** What lies under a running deployment. */
async function withBackend<Result>(
  settings: Environment,
  look: (backend: Backend) => Promise<Result>,
): Promise<Result> {
  const backend = await openDistributedBackend({
    settings: readSettings(settings),
    log: createLog({ logLevel: 'silent' }, { write: () => undefined }),
    metrics: createMetrics({ processMetrics: false }),
  })
  try {
    return await look(backend)
  } finally {
    await backend.close()
  }
}

async function blobOf({ attachments }: Backend, attachmentId: string): Promise<BlobKey> {
  const id = parseAttachmentId(attachmentId)
  const row = id && (await attachments.read(id))
  assert.ok(row?.blob)
  return row.blob
}
