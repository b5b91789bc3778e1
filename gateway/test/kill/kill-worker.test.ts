import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import type { Conversation } from '@satchel/client'
import { closeAfter } from '../../../scripts/close-after.mjs'
import { startDeployment } from '../../../scripts/deployment/start-deployment.mjs'
import { requireTestServices } from '../../../scripts/services/test-services.mjs'
import { eventually } from '../eventually.ts'
import { connectClient } from '../support/connect-client.ts'
import { makePhonePhoto } from '../support/phone-photo.ts'

/** Somebody else gets a job half a minute after its worker was last heard of. */
const HANDED_ON_MS = 90_000

test('a job whose worker is killed in the middle of it is done by the next, once', async (t) => {
  const started = await startOnRealServers(t)
  if (started === undefined) return
  const { deployment, workFolder } = started
  const [url = ''] = deployment.gatewayUrls
  const alice = await connectClient(t, url, 'alice')
  await connectClient(t, url, 'bob')
  const group = await alice.createConversation({
    kind: 'group',
    title: 'Photos',
    memberIds: ['bob'],
  })
  const photo = new File([await makePhonePhoto()], 'phone.jpg', { type: 'image/jpeg' })
  await group.send({ attachments: [alice.upload(photo, { conversationId: group.id })] })
  const worker = deployment.process('media-worker-1')
  await eventually('the worker has the file in its hands', () => isAtWork(workFolder))
  await worker.kill()
  assert.equal(await resultsOf(group), 0, 'it was killed before it was done')
  await worker.start()
  await eventually(
    'the photo is ready',
    () => group.messages.at(-1)?.attachments[0]?.state === 'ready',
    HANDED_ON_MS,
  )
  assert.equal(await resultsOf(group), 1)
  await eventually('nothing is left of either try', async () => !(await isAtWork(workFolder)))
})

async function startOnRealServers(t: TestContext) {
  const addresses = await requireTestServices(t)
  if (addresses === undefined) return undefined
  const folder = await mkdtemp(join(tmpdir(), 'satchel-worker-'))
  const deployment = await startDeployment({
    ...{ folder, addresses, partitions: 4, gateways: 1, chatCores: 1, mediaWorkers: 1 },
    deployment: `test_${randomBytes(6).toString('hex')}`,
    settings: { SATCHEL_LOG_LEVEL: 'warn' },
  })
  closeAfter(t, async () => {
    await deployment.stop()
    await rm(folder, { recursive: true, force: true })
  })
  return { deployment, workFolder: join(folder, 'data', 'media-worker-1', 'work') }
}

/** Whether a file lies where workers look at them. */
async function isAtWork(workFolder: string): Promise<boolean> {
  const entries = await readdir(workFolder, { recursive: true })
  return entries.some((entry) => entry.endsWith('input'))
}

/** How often the conversation was told what became of a file. */
async function resultsOf(group: Conversation): Promise<number> {
  const { events } = await group.history({ after: 0 })
  return events.filter(({ content }) => content.kind === 'attachment_updated').length
}
