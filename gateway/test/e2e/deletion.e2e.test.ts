import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { ChatClient, Conversation } from '@satchel/client'
import sharp from 'sharp'
import { eventually } from '../eventually.ts'
import { connectClient } from '../support/connect-client.ts'
import type { Product } from '../support/product.ts'
import { reconcile } from '../support/reconcile.ts'
import { startProduct, testBackend } from '../support/start-product.ts'

const SERVER_KEY = 'a-server-key-for-deletions-of-32-characters'
/** As short as settings allow: an edge may serve as long as links hold. */
const GRACE_MS = testBackend() === 'embedded' ? 500 : 120_000
const SETTINGS = {
  SATCHEL_SERVER_KEYS: SERVER_KEY,
  SATCHEL_DEV_SIGN_IN: 'on',
  SATCHEL_LINK_WINDOW_MS: '60000',
  SATCHEL_STRICT_LINK_WINDOW_MS: '120000',
  SATCHEL_BLOB_GRACE_MS: String(GRACE_MS),
  SATCHEL_UPKEEP_INTERVAL_MS: '300',
}
const GONE_DEADLINE_MS = GRACE_MS + 60_000

/** A photo in a message, and where all of it is. */
interface SentPhoto {
  readonly seq: number
  readonly links: readonly string[]
  readonly mintLinks: () => Promise<readonly string[]>
}

test('what was deleted is gone from store, catalogue and edge, and what others have stays', async (context) => {
  const product = await startProduct(context, SETTINGS)
  if (product === undefined) return
  const [alice, bob] = await connectAll(context, product)
  const [kept, emptied, ended] = await Promise.all(
    ['kept', 'emptied', 'ended'].map((title) =>
      alice.createConversation({ kind: 'group', title, memberIds: ['bob'] }),
    ),
  )
  assert.ok(kept && emptied && ended)
  const [shared, own, last, bobs] = await Promise.all([1, 2, 3, 4].map((tint) => photo(tint)))
  assert.ok(shared && own && last && bobs)
  const staying = await send(alice, kept, shared)
  const again = await send(alice, emptied, shared)
  const going = [
    await send(alice, emptied, own),
    await send(alice, ended, last),
    await send(bob, bob.conversation(kept.id ?? ''), bobs),
  ]
  assert.deepEqual(keysOf(again), keysOf(staying), 'the same bytes are stored once')
  for (const { links } of [staying, ...going]) await assertServed(links)

  await emptied.delete(again.seq)
  await emptied.delete(going[0]?.seq ?? 0)
  await ended.deleteConversation()
  await eraseUser(product, 'bob')

  for (const link of going.flatMap(({ links }) => links)) {
    await eventually('it is refused', async () => (await fetch(link)).status === 404)
  }
  await assertServed(staying.links)
  const keys = going.flatMap(keysOf)
  await eventually('no object is left', () => areGone(product, keys), GONE_DEADLINE_MS)
  await assertServed(await staying.mintLinks())
  for (const key of keysOf(staying)) assert.ok(await product.hasObject(key), key)
  await product.restart(async () => {
    assert.equal(await reconcile(product), 'catalogue and bucket agree')
  })
})

async function connectAll(context: TestContext, product: Product) {
  const alice = await connectClient(context, product.url, 'alice')
  return [alice, await connectClient(context, product.otherUrl, 'bob')] as const
}

async function photo(tint: number): Promise<Blob> {
  const noise = { type: 'gaussian', mean: 40 * tint, sigma: 20 } as const
  const create = { width: 1_200, height: 900, channels: 3, background: '#000', noise } as const
  return new Blob([await sharp({ create }).jpeg().toBuffer()], { type: 'image/jpeg' })
}

async function send(
  client: ChatClient,
  conversation: Conversation,
  file: Blob,
): Promise<SentPhoto> {
  const { id: conversationId } = conversation
  const upload = client.upload(file, { conversationId, name: 'photo.jpg' })
  const { seq } = await conversation.send({ attachments: [upload] })
  const attachment = await eventually('it is ready', () =>
    conversation.messages
      .flatMap((message) => message.attachments)
      .find(({ id, state }) => id === upload.id && state === 'ready'),
  )
  const names = attachment.variants?.map(({ name }) => name) ?? []
  assert.deepEqual(names.toSorted(), ['download', 'w1600', 'w320', 'w800'])
  const mintLinks = () => Promise.all(names.map((name) => client.link(attachment, name)))
  return { seq, links: await mintLinks(), mintLinks }
}

/** Where the bytes behind the links lie, the original with them. */
function keysOf({ links }: Pick<SentPhoto, 'links'>): readonly string[] {
  const keys = links.flatMap((link) => {
    const [, , blob = '', version = '', file = ''] = new URL(link).pathname.split('/')
    return [`blob/${blob}`, `derived/${blob}/${version}/${file.replace(/\.\w+$/, '')}`]
  })
  return [...new Set(keys)].sort()
}

async function assertServed(links: readonly string[]): Promise<void> {
  for (const link of links) assert.equal((await fetch(link)).status, 200, link)
}

async function areGone(product: Product, keys: readonly string[]): Promise<boolean> {
  const there = await Promise.all(keys.map((key) => product.hasObject(key)))
  return !there.includes(true)
}

async function eraseUser({ url }: Product, userId: string): Promise<void> {
  const response = await fetch(`${url}/v1/users/${userId}`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${SERVER_KEY}` },
  })
  assert.equal(response.status, 200)
}
