import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { test, type TestContext } from 'node:test'
import { ChatError, newAttachmentId, type ConversationId } from '@satchel/protocol'
import { mostConnections, OpenConnections } from '../src/limits/open-connections.ts'
import { parseOpenFilesLimit } from '../src/limits/open-files-limit.ts'
import { eventually } from './eventually.ts'
import { callHttp } from './http-client.ts'
import { KeptConnection } from './kept-connection.ts'
import type { SocketClient } from './socket-client.ts'
import { startServerChild, type ServerChild } from './support/server-child.ts'
import { userIdOf } from './test-server.ts'

const OPEN_FILES = 300
/** A whole upgrade, and behind it a frame that is none of the protocol: masked text, three letters. */
const FOUL_SOCKET = Buffer.concat([
  Buffer.from(
    'GET /v1/socket HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n',
  ),
  Buffer.from('Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n'),
  Buffer.from('Sec-WebSocket-Protocol: satchel.v1.json\r\n\r\n'),
  Buffer.from([0x81, 0x83, 0, 0, 0, 0, 0x66, 0x6f, 0x6f]),
])
const HALF_AN_UPGRADE = 'GET /v1/socket HTTP/1.1\r\nHost: loc'

/** Connects `count` times and says this much; whatever becomes of it. */
function knock(
  context: TestContext,
  port: number,
  count: number,
  words: string | Buffer,
  { allowHalfOpen = false } = {},
): Socket[] {
  const sockets = Array.from({ length: count }, () => {
    const tcp = connect({ port, host: '127.0.0.1', allowHalfOpen })
    tcp.on('error', () => undefined)
    tcp.write(words)
    return tcp
  })
  context.after(() => sockets.forEach((tcp) => tcp.destroy()))
  return sockets
}

function metricIn(text: string, name: string): number {
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1])
}

async function metric(server: ServerChild, name: string): Promise<number> {
  const { body } = await callHttp('GET', `${server.url}/metrics`, {
    headers: { connection: 'close' },
  })
  return metricIn(String(body['text']), name)
}

async function talk(from: SocketClient, to: SocketClient, group: ConversationId): Promise<void> {
  const { seq } = await from.say(group, 'still there?')
  await to.until('event', ({ event }) => event.seq === seq)
}

test('the limit of open files is read from what the system says, and leaves something over', () => {
  const line = 'Max open files            1024                 524288               files     \n'
  assert.equal(parseOpenFilesLimit(`Max processes  9 9 processes\n${line}`), 1_024)
  assert.equal(
    parseOpenFilesLimit('Max open files            unlimited  unlimited  files'),
    Infinity,
  )
  assert.equal(mostConnections(Infinity), Infinity)
  assert.equal(mostConnections(20_000), 18_000)
  assert.equal(mostConnections(1_024), 896)
})

test('connections beyond what files there are for are closed as they come; the others go on', async (context) => {
  const child = await startServerChild(context, { openFiles: OPEN_FILES })
  const [alice, bob] = [await child.signIn('alice'), await child.signIn('bob')]
  const group = await alice.group(userIdOf('bob'))
  const kept = await KeptConnection.open(child.port)
  const knocking = knock(context, child.port, 2 * OPEN_FILES, HALF_AN_UPGRADE)
  await eventually(
    'what is too much is closed',
    () => knocking.filter((tcp) => tcp.destroyed).length > OPEN_FILES,
  )
  await talk(alice, bob, group)
  await talk(bob, alice, group)
  assert.match(await kept.get('/ready'), /200 OK/)
  for (const tcp of knocking) tcp.destroy()
  await eventually('the others are gone, too', async () => {
    const carol = await child.signIn('carol').catch(() => undefined)
    carol?.close()
    return carol !== undefined
  })
  assert.ok((await metric(child, 'satchel_connections_shed_total')) > 100)
  await eventually(
    'they are not counted any more',
    async () => (await metric(child, 'satchel_connections')) < 10,
  )
})

test('sockets that were ended here count until they are gone, whatever their peers do', () => {
  let nowMs = 0
  const connections = new OpenConnections(2, { elapsedMs: () => nowMs })
  connections.opened()
  connections.opened()
  connections.ended()
  connections.opened()
  assert.deepEqual([connections.size, connections.isOver], [2, true])
  nowMs = 30_000
  assert.equal(connections.isOver, false)
})

test('whoever is sent away and stays leaves files for the others', async (context) => {
  const child = await startServerChild(context, { openFiles: OPEN_FILES })
  const alice = await child.signIn('alice')
  const group = await alice.group(userIdOf('bob'))
  const sockets: Socket[] = []
  for (let wave = 0; wave < 6; wave++) {
    sockets.push(...knock(context, child.port, 100, FOUL_SOCKET, { allowHalfOpen: true }))
    for (const tcp of sockets) tcp.resume()
    await eventually('all are sent away', () =>
      sockets.every(({ readableEnded, destroyed }) => readableEnded || destroyed),
    )
  }
  const shed = sockets.filter(({ bytesRead }) => bytesRead === 0)
  assert.ok(shed.length > 100, `${shed.length} were not even let in`)
  const upload = { ...FILE, attachmentId: newAttachmentId(), conversationId: group, sizeBytes: 10 }
  await alice.request('begin_upload', { upload })
})

test('a process that can open no file at all keeps its sockets, refuses with a code, and recovers', async (context) => {
  const environment = { SATCHEL_LIMITS: 'off' }
  const child = await startServerChild(context, { openFiles: OPEN_FILES, environment })
  const [alice, bob] = [await child.signIn('alice'), await child.signIn('bob')]
  const group = await alice.group(userIdOf('bob'))
  const { pathname, search } = await uploadedFile(child, alice, group)
  const get = `GET ${pathname}${search} HTTP/1.1\r\nHost: localhost\r\n\r\n`
  // Whoever does not take a download holds a connection and a file.
  const stalled = knock(context, child.port, 2 * OPEN_FILES, get)
  for (const tcp of stalled) tcp.pause()
  await talk(alice, bob, group)
  const fresh = newAttachmentId()
  const code = await eventually('an upload is refused', async () => {
    const upload = { ...FILE, attachmentId: fresh, conversationId: group, sizeBytes: 10 }
    try {
      await alice.request('begin_upload', { upload })
      await alice.request('abort_upload', { attachmentId: fresh })
      return undefined
    } catch (error) {
      return error instanceof ChatError && error.code
    }
  })
  assert.equal(code, 'unavailable')
  await talk(bob, alice, group)
  for (const tcp of stalled) tcp.destroy()
  await eventually('files can be opened again', async () => {
    const answer = await fetch(new URL(pathname + search, child.url)).catch(() => undefined)
    return (await answer?.arrayBuffer())?.byteLength === SIZE_BYTES
  })
  await child.signIn('carol')
})

test('ten thousand half-open handshakes keep nobody from connecting', async (context) => {
  const child = await startServerChild(context)
  const alice = await child.signIn('alice')
  const group = await alice.group(userIdOf('bob'))
  const sockets: Socket[] = []
  for (let wave = 0; wave < 20; wave++) {
    const more = knock(context, child.port, 500, HALF_AN_UPGRADE)
    await Promise.all(more.map((tcp) => once(tcp, 'connect')))
    sockets.push(...more)
    if (wave % 5 === 0) await alice.say(group, `wave ${wave}`)
  }
  context.diagnostic(`${await metric(child, 'satchel_connections')} of ${sockets.length} are open`)
  const bob = await child.signIn('bob')
  await talk(alice, bob, group)
  for (const tcp of sockets) tcp.destroy()
  await eventually(
    'all of them are let go',
    async () => (await metric(child, 'satchel_connections')) < 10,
  )
})

/** More than all buffers between two processes take. */
const SIZE_BYTES = 20 * 1024 * 1024
const FILE = { name: 'large.bin', contentType: 'application/octet-stream' } as const

/** The link of a file in a message. */
async function uploadedFile(
  child: ServerChild,
  client: SocketClient,
  conversationId: ConversationId,
): Promise<URL> {
  const attachmentId = newAttachmentId()
  const upload = { ...FILE, attachmentId, conversationId, sizeBytes: SIZE_BYTES }
  const { urls } = await client.request('begin_upload', { upload })
  for (const { url, sizeBytes } of urls) {
    const put = await fetch(new URL(url, child.url), {
      method: 'PUT',
      body: new Uint8Array(sizeBytes),
    })
    assert.equal(put.status, 204)
  }
  await client.request('complete_upload', { attachmentId })
  const attachments = [{ id: attachmentId }]
  const { seq = 0 } = await client.command(
    { conversationId },
    { kind: 'send_message', attachments },
  )
  const wanted = [{ conversationId, seq, attachmentId, variant: 'original' }]
  const link = await eventually(
    'the file is ready',
    async () => (await client.request('links', { wanted })).links[0]?.url,
  )
  return new URL(link, child.url)
}
