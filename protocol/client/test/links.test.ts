import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newAttachmentId, newConversationId } from '@satchel/protocol'
import type { AttachmentPlace, MessageAttachment } from '../src/index.ts'
import { createTestBench } from './support/test-bench.ts'

const conversationId = newConversationId('group')

function places(count: number): AttachmentPlace[] {
  return Array.from({ length: count }, (_, index) => ({
    conversationId,
    seq: index + 1,
    attachmentId: newAttachmentId(),
  }))
}

async function createScene() {
  const bench = createTestBench()
  const alice = bench.client('alice')
  await alice.connect()
  return { ...bench, alice }
}

test('links asked for within 10 ms travel together, 50 at most, each asked for once', async () => {
  const { alice, clock, server } = await createScene()
  const wanted = places(70)
  const links = [...wanted, ...wanted].map((place) => alice.link(place, 'w800'))
  await clock.advance(10)
  const urls = await Promise.all(links)
  assert.deepEqual(
    server.framesOf('links').map((frame) => frame.wanted.length),
    [50, 20],
  )
  assert.ok(urls[0]?.startsWith(`http://chat.example:7700/m/${wanted[0]?.attachmentId ?? ''}/w800`))
  assert.equal(urls[70], urls[0])
  alice.close()
})

test('a link is kept while it is good, and asked for again a minute before it expires', async () => {
  const { alice, clock, server } = await createScene()
  const [place] = places(1)
  assert.ok(place)
  const first = await clock.until(alice.link(place, 'w800'))
  // Reconnects on the way do not matter.
  await clock.advance(3_500_000)
  assert.equal(await alice.link(place, 'w800'), first)
  await clock.advance(60_000)
  const second = await clock.until(alice.link(place, 'w800'))
  assert.notEqual(second, first)
  assert.equal(server.framesOf('links').length, 2)
  alice.close()
})

test('what has no link rejects with the reason, and is asked for again next time', async () => {
  const { alice, clock, server } = await createScene()
  const [place] = places(1)
  assert.ok(place)
  for (let round = 1; round <= 2; round++) {
    const link = assert.rejects(alice.link(place, 'missing'), { code: 'no_such_attachment' })
    await clock.advance(10)
    await link
    assert.equal(server.framesOf('links').length, round)
  }
  alice.close()
})

test('a link that cannot be had at the moment is asked for again, for half a minute', async () => {
  const { alice, clock, server } = await createScene()
  const [place] = places(1)
  assert.ok(place)
  server.areLinksAway = true
  const late = alice.link(place, 'w800')
  await clock.advance(3_000)
  assert.ok(server.framesOf('links').length > 1)
  server.areLinksAway = false
  await clock.advance(5_000)
  assert.match(await late, /w800/)
  server.areLinksAway = true
  const never = assert.rejects(alice.link(place, 'w1600'), { code: 'unavailable' })
  await clock.advance(40_000)
  await never
  alice.close()
})

test('a link that came with the attachment is used while it is good, wherever it leads', async () => {
  const { alice, clock, server } = await createScene()
  const expirySeconds = Math.floor(clock.now() / 1_000) + 600
  const attachment: MessageAttachment = {
    id: newAttachmentId(),
    conversationId,
    seq: 1,
    sentBytes: undefined,
    version: 2,
    state: 'ready',
    name: 'a.jpg',
    sizeBytes: 9,
    contentType: 'image/jpeg',
    variants: [
      {
        name: 'w320',
        contentType: 'image/webp',
        sizeBytes: 3,
        link: `/m/blob/1/w320.webp?e=${String(expirySeconds)}&s=abc`,
      },
      {
        name: 'w800',
        contentType: 'image/webp',
        sizeBytes: 8,
        link: `https://media.example/m/blob/1/w800.webp?e=${String(expirySeconds)}&s=def`,
      },
    ],
  }
  const url = await alice.link(attachment, 'w320')
  assert.equal(url, `http://chat.example:7700/m/blob/1/w320.webp?e=${String(expirySeconds)}&s=abc`)
  assert.equal(await alice.link(attachment, 'w800'), attachment.variants?.[1]?.link)
  assert.equal(server.framesOf('links').length, 0)
  await clock.advance(541_000)
  const asked = await clock.until(alice.link(attachment, 'w320'))
  assert.notEqual(asked, url)
  alice.close()
})

test('an attachment that is in no message yet has no link', async () => {
  const { alice } = await createScene()
  const [place] = places(1)
  assert.ok(place)
  await assert.rejects(alice.link({ ...place, attachmentId: 'x' }, 'w320'), { code: 'bad_request' })
  alice.close()
})
