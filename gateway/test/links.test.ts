import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import {
  LIMITS,
  newAttachmentId,
  type AttachmentId,
  type ConversationId,
  type LinkAnswer,
  type LinkWanted,
  type Seq,
} from '@satchel/protocol'
import { eventually } from './eventually.ts'
import { temporaryFolder } from './temporary-folder.ts'
import type { SocketClient } from './socket-client.ts'
import { openTestServer, userIdOf, type TestServer } from './test-server.ts'

const TEXT_FILE = {
  bytes: Buffer.from('what is in it'),
  name: 'a.txt',
  contentType: 'text/plain',
  variant: 'original',
}

/** A file in a message of `client`, ready or soon to be. */
async function sendFile(
  server: TestServer,
  client: SocketClient,
  conversationId: ConversationId,
  { bytes, name, contentType, variant } = TEXT_FILE,
): Promise<LinkWanted> {
  const attachmentId = newAttachmentId()
  const about = { name, sizeBytes: bytes.length, contentType }
  const upload = { attachmentId, conversationId, ...about }
  const { urls } = await client.request('begin_upload', { upload })
  await fetch(new URL(urls[0]?.url ?? '', server.url), { method: 'PUT', body: bytes })
  await client.request('complete_upload', { attachmentId })
  const command = { kind: 'send_message', attachments: [{ id: attachmentId }] } as const
  const { seq = 0 } = await client.command({ conversationId }, command)
  const wanted = { conversationId, seq, attachmentId, variant }
  await eventually('it has a verdict', async () => (await ask(client, wanted)).url)
  return wanted
}

async function ask(client: SocketClient, ...wanted: LinkWanted[]): Promise<LinkAnswer> {
  const { links } = await client.request('links', { wanted })
  assert.equal(links.length, wanted.length)
  return links[0] ?? {}
}

test('links are given to whoever may read the message, and to nobody else', async (context) => {
  const server = await openTestServer(context)
  const [alice, bob, eve] = await Promise.all(
    ['alice', 'bob', 'eve'].map((name) => server.signIn(name)),
  )
  assert.ok(alice && bob && eve)
  const conversationId = await alice.group(userIdOf('bob'))
  const wanted = await sendFile(server, alice, conversationId)
  const { url = '' } = await ask(bob, wanted)
  assert.equal(await (await fetch(new URL(url, server.url))).text(), 'what is in it')
  // The same for everybody, so that it is kept once.
  assert.equal((await ask(alice, wanted)).url, url)
  assert.deepEqual(await ask(eve, wanted), { error: 'not_a_member' })

  const other = await eve.group(userIdOf('alice'))
  const misplaced: readonly [Partial<LinkWanted>, SocketClient][] = [
    [{ conversationId: other }, eve],
    [{ seq: wanted.seq + 1 }, bob],
    [{ attachmentId: newAttachmentId() }, bob],
    [{ variant: 'w320' }, bob],
  ]
  for (const [about, client] of misplaced)
    assert.deepEqual(await ask(client, { ...wanted, ...about }), { error: 'no_such_attachment' })

  const remove = { kind: 'remove_member', userId: userIdOf('bob') } as const
  await alice.command({ conversationId }, remove)
  assert.deepEqual(await ask(bob, wanted), { error: 'not_a_member' })
  const erase = { kind: 'delete_message', target: wanted.seq } as const
  await alice.command({ conversationId }, erase)
  await eventually('it is detached', async () => {
    const { error } = await ask(alice, wanted)
    return error === 'no_such_attachment'
  })
  await eventually('the link that was given is of no use', async () => {
    const { status } = await fetch(new URL(url, server.url))
    return status === 404
  })
})

const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

/** Links that came with messages of the conversation, in whatever way anything came to `client`. */
async function ridingLinks(
  server: TestServer,
  client: SocketClient,
  conversationId: ConversationId,
): Promise<readonly string[]> {
  const pushed = client.of('event').map(({ event }) => event)
  const { events } = await client.request('history', { conversationId })
  const { conversations } = await client.request('inbox', {})
  const later = await server.connect()
  const heads = [{ conversationId, seq: 0 }]
  const welcome = await later.hello(await server.tokenOf('bob'), { heads })
  await eventually('all of it is replayed', () => later.seqs(conversationId).length > 2)
  const replayed = later.of('event').map(({ event }) => event)
  const shown = JSON.stringify([pushed, events, conversations, welcome, replayed])
  return shown.match(/"link":"[^"]+"/g) ?? []
}

test('in a conversation that is strict about links they are short-lived, and none comes unasked', async (context) => {
  const server = await openTestServer(context)
  const [alice, bob] = [await server.signIn('alice'), await server.signIn('bob')]
  const conversationId = await alice.group(userIdOf('bob'))
  const makeStrict = async (strictLinks: boolean): Promise<void> => {
    const command = { kind: 'update_conversation', settings: { strictLinks } } as const
    await alice.command({ conversationId }, command)
  }
  await makeStrict(true)
  const picture = { bytes: PIXEL, name: 'a.png', contentType: 'image/png', variant: 'w320' }
  const wanted = await sendFile(server, alice, conversationId, picture)
  await bob.until('event', ({ event }) => event.content.kind === 'attachment_updated')
  assert.deepEqual(await ridingLinks(server, bob, conversationId), [])
  const { url = '', expiresAtMs = 0 } = await ask(bob, wanted)
  assert.ok(expiresAtMs <= Date.now() + 10 * 60_000)
  assert.equal((await fetch(new URL(url, server.url))).status, 200)

  await makeStrict(false)
  await eventually('links ride along again', async () => {
    const links = await ridingLinks(server, bob, conversationId)
    return links.length > 0
  })
  assert.ok(Number((await ask(bob, wanted)).expiresAtMs) >= Date.now() + 59 * 60_000)
})

test('as many links are given at once as are allowed, and not one more', async (context) => {
  const server = await openTestServer(context)
  const alice = await server.signIn('alice')
  const wanted = await sendFile(server, alice, await alice.group(userIdOf('bob')))
  const many = Array.from({ length: LIMITS.linksPerRequest }, () => wanted)
  const { links } = await alice.request('links', { wanted: many })
  assert.equal(links.filter(({ url }) => url !== undefined).length, LIMITS.linksPerRequest)
  await assert.rejects(alice.request('links', { wanted: [...many, wanted] }))
})

interface AuditLine {
  readonly userId: string
  readonly msg: string
  readonly given: readonly {
    readonly conversationId: ConversationId
    readonly seq: Seq
    readonly attachmentId: AttachmentId
    readonly variant: string
    readonly expiresAtMs: number
  }[]
}

const parseLine = (line: string): AuditLine => JSON.parse(line) as AuditLine

test('every link that is given is recorded, in one line for each request', async (context) => {
  const file = `${await temporaryFolder(context)}/audit.log`
  const server = await openTestServer(context, { environment: { SATCHEL_AUDIT_LOG: file } })
  const [alice, eve] = [await server.signIn('alice'), await server.signIn('eve')]
  const wanted = await sendFile(server, alice, await alice.group(userIdOf('bob')))
  const before = (await readFile(file, 'utf8')).split('\n').length
  await ask(eve, wanted)
  const { expiresAtMs } = await ask(alice, wanted, { ...wanted, variant: 'w320' }, wanted)
  const lines = await eventually('it is written', async () => {
    const all = (await readFile(file, 'utf8')).split('\n')
    return all.length > before ? all.slice(before - 1, -1).map(parseLine) : undefined
  })
  assert.equal(lines.length, 1)
  const [line] = lines
  assert.equal(line?.userId, 'alice')
  assert.deepEqual(line.given, [
    { ...wanted, expiresAtMs },
    { ...wanted, expiresAtMs },
  ])
  // Whoever reads the record is given nothing by it.
  assert.doesNotMatch(await readFile(file, 'utf8'), /[?&]s=|\/m\//)
  assert.deepEqual(
    server.log.filter((one) => one.includes('links given')),
    [],
  )
})

test('without a file of its own the record is part of the log, unless it is not wanted', async (context) => {
  for (const [choice, isThere] of [
    ['stdout', true],
    ['off', false],
  ] as const) {
    const server = await openTestServer(context, { environment: { SATCHEL_AUDIT_LOG: choice } })
    const alice = await server.signIn('alice')
    await sendFile(server, alice, await alice.group(userIdOf('bob')))
    const isLogged = server.log.some((line) => line.includes('links given'))
    assert.equal(isLogged, isThere, choice)
  }
})

test('a record that can be written nowhere keeps the server from starting', async (context) => {
  const environment = { SATCHEL_AUDIT_LOG: '/proc/nowhere/audit.log' }
  await assert.rejects(openTestServer(context, { environment }), /ENOENT/)
})
