import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { test } from 'node:test'
import { newAttachmentId, type AttachmentId, type UploadState } from '@satchel/protocol'
import { eventually } from './eventually.ts'
import { callHttp } from './http-client.ts'
import type { SocketClient } from './socket-client.ts'
import { openTestServer, userIdOf, type TestServer } from './test-server.ts'

const utf8 = new TextEncoder()

async function begin(client: SocketClient, sizeBytes: number, name: string): Promise<UploadState> {
  const conversationId = await client.group(userIdOf('bob'))
  const attachmentId = newAttachmentId()
  const contentType = 'application/octet-stream'
  const upload = { attachmentId, conversationId, name, sizeBytes, contentType }
  return client.request('begin_upload', { upload })
}

/** Sends the uploaded file in a message and gives its link once it is ready. */
async function linkOf(
  server: TestServer,
  client: SocketClient,
  attachmentId: AttachmentId,
): Promise<string> {
  const { conversations } = await client.request('inbox', {})
  const conversationId = conversations[0]!.conversationId
  await client.request('complete_upload', { attachmentId })
  const attachments = [{ id: attachmentId }]
  const command = { kind: 'send_message', attachments } as const
  const { seq = 0 } = await client.command({ conversationId }, command)
  const wanted = [{ conversationId, seq, attachmentId, variant: 'original' }]
  const url = await eventually(
    'the file is ready',
    async () => (await client.request('links', { wanted })).links[0]?.url,
    20_000,
  )
  return new URL(url, server.url).href
}

test('a file comes back byte for byte, whole and in ranges, as a download', async (context) => {
  const server = await openTestServer(context)
  const alice = await server.signIn('alice')
  const content = Uint8Array.from(
    { length: 3_000_000 },
    (_, index) => (index * 7 + (index >> 9)) % 251,
  )
  const upload = await begin(alice, content.length, 'Ünïcode name.bin')
  const put = await fetch(new URL(upload.urls[0]?.url ?? '', server.url), {
    method: 'PUT',
    body: content,
  })
  assert.equal(put.status, 204)
  const link = await linkOf(server, alice, upload.attachmentId)

  const whole = await fetch(link)
  assert.equal(whole.status, 200)
  assert.deepEqual(new Uint8Array(await whole.arrayBuffer()), content)
  const header = (name: string): string => whole.headers.get(name) ?? ''
  assert.match(header('content-disposition'), /^attachment; .*filename\*=UTF-8''%C3%9Cn/)
  assert.equal(header('x-content-type-options'), 'nosniff')
  assert.match(header('content-security-policy'), /sandbox/)

  const part = await fetch(link, { headers: { range: 'bytes=1000-1999' } })
  assert.equal(part.status, 206)
  assert.equal(part.headers.get('content-range'), `bytes 1000-1999/${content.length}`)
  assert.deepEqual(new Uint8Array(await part.arrayBuffer()), content.slice(1_000, 2_000))

  const head = await fetch(link, { method: 'HEAD' })
  assert.equal(head.headers.get('content-length'), String(content.length))
  const again = await fetch(link, { headers: { 'if-none-match': header('etag') } })
  assert.equal(again.status, 304)
})

test('a file without bytes is answered in full, and the connection goes on', async (context) => {
  const server = await openTestServer(context)
  const alice = await server.signIn('alice')
  const upload = await begin(alice, 0, 'empty.bin')
  const put = await fetch(new URL(upload.urls[0]?.url ?? '', server.url), { method: 'PUT' })
  assert.equal(put.status, 204)
  const { host, port, pathname, search } = new URL(await linkOf(server, alice, upload.attachmentId))
  const socket = connect(Number(port), '127.0.0.1').setEncoding('latin1')
  context.after(() => socket.destroy())
  let answers = ''
  socket.on('data', (text: string) => (answers += text))
  socket.write(`GET ${pathname}${search} HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
  await eventually('the file is answered', () => answers.endsWith('\r\n\r\n'))
  assert.match(answers, /^HTTP\/1.1 200 /)
  assert.match(answers, /\r\ncontent-length: 0\r\n/i)
  answers = ''
  socket.write(`GET /live HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
  await eventually('the next answer comes', () => answers.startsWith('HTTP/1.1 200 '))
})

test('an answer without a body says nothing of a length', async (context) => {
  const server = await openTestServer(context)
  const alice = await server.signIn('alice')
  const upload = await begin(alice, 5, 'small.bin')
  const { host, port, pathname, search } = new URL(upload.urls[0]?.url ?? '', server.url)
  // Programs in other languages look at the header even where none is due.
  const socket = connect(Number(port), '127.0.0.1').setEncoding('latin1')
  context.after(() => socket.destroy())
  let answer = ''
  socket.on('data', (text: string) => (answer += text))
  socket.write(
    `PUT ${pathname}${search} HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 5\r\n\r\nabcde`,
  )
  await eventually('the PUT is answered', () => answer.includes('\r\n\r\n'))
  assert.match(answer, /^HTTP\/1.1 204 /)
  assert.doesNotMatch(answer, /content-length/i)
})

test('a download that nobody reads holds no more than a little, and others go on', async (context) => {
  const server = await openTestServer(context)
  const alice = await server.signIn('alice')
  const content = new Uint8Array(8 * 1024 * 1024)
  const upload = await begin(alice, content.length, 'large.bin')
  await fetch(new URL(upload.urls[0]?.url ?? '', server.url), { method: 'PUT', body: content })
  const link = new URL(await linkOf(server, alice, upload.attachmentId))
  const rssBefore = process.memoryUsage().rss
  const stalled = await Promise.all(
    Array.from({ length: 20 }, async () => {
      const tcp = connect(server.port, '127.0.0.1')
      await once(tcp, 'connect')
      tcp.pause()
      tcp.on('error', () => undefined)
      tcp.write(`GET ${link.pathname}${link.search} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
      return tcp
    }),
  )
  context.after(() => stalled.forEach((tcp) => tcp.destroy()))
  const whole = await fetch(link)
  assert.equal((await whole.arrayBuffer()).byteLength, content.length)
  assert.ok(process.memoryUsage().rss - rssBefore < 100e6)
})

test('an upload that breaks off counts for nothing and can be brought again', async (context) => {
  const server = await openTestServer(context)
  const alice = await server.signIn('alice')
  const upload = await begin(alice, 1_000, 'broken.bin')
  const url = new URL(upload.urls[0]?.url ?? '', server.url)
  const tcp = connect(server.port, '127.0.0.1')
  await once(tcp, 'connect')
  tcp.write(`PUT ${url.pathname}${url.search} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n`)
  tcp.write(new Uint8Array(500))
  await alice.request('inbox', {})
  tcp.destroy()
  const { attachmentId } = upload
  assert.deepEqual((await alice.request('upload_status', { attachmentId })).missingParts, [0])
  const whole = await fetch(url, { method: 'PUT', body: new Uint8Array(1_000) })
  assert.equal(whole.status, 204)
  assert.equal((await alice.request('complete_upload', { attachmentId })).state, 'processing')
})

test('the web client is served with a policy that lets nothing foreign run', async (context) => {
  const page = {
    contentType: 'text/html; charset=utf-8',
    body: utf8.encode('<p>'),
    immutable: false,
  }
  const script = { contentType: 'text/javascript', body: utf8.encode('1'), immutable: true }
  const webClient = Promise.resolve(
    new Map([
      ['/', page],
      ['/assets/app-1.js', script],
      ['/client.js', { ...script, immutable: false }],
    ]),
  )
  const { url } = await openTestServer(context, { webClient })
  const answer = await fetch(`${url}/`)
  assert.equal(await answer.text(), '<p>')
  assert.match(
    answer.headers.get('content-security-policy') ?? '',
    /default-src 'none'.*script-src 'self'/,
  )
  assert.equal(answer.headers.get('cache-control'), 'no-cache')
  const etag = answer.headers.get('etag') ?? ''
  const again = await fetch(`${url}/`, { headers: { 'if-none-match': etag } })
  assert.equal(again.status, 304)
  const app = await fetch(`${url}/assets/app-1.js`)
  assert.match(app.headers.get('cache-control') ?? '', /immutable/)
  const library = await fetch(`${url}/client.js`, { method: 'HEAD' })
  assert.equal(library.headers.get('cross-origin-resource-policy'), 'cross-origin')
  assert.equal((await callHttp('GET', `${url}/assets/none.js`)).error?.code, 'no_such_route')
})

test('pages of listed origins may use the API, others get no permission', async (context) => {
  const { url } = await openTestServer(context, {
    environment: { SATCHEL_ORIGINS: 'https://app.example' },
  })
  const preflight = async (origin: string): Promise<string | null> => {
    const answer = await fetch(`${url}/v1/conversations`, {
      method: 'OPTIONS',
      headers: { origin },
    })
    assert.equal(answer.status, 204)
    return answer.headers.get('access-control-allow-origin')
  }
  assert.equal(await preflight('https://app.example'), 'https://app.example')
  assert.equal(await preflight('https://evil.example'), null)
})

test('a file is forwarded without its bytes, over the socket and over HTTP', async (context) => {
  const server = await openTestServer(context)
  const alice = await server.signIn('alice')
  const upload = await begin(alice, 5, 'note.txt')
  await fetch(new URL(upload.urls[0]?.url ?? '', server.url), { method: 'PUT', body: 'bytes' })
  await linkOf(server, alice, upload.attachmentId)
  const { conversations } = await alice.request('inbox', {})
  const from = {
    conversationId: conversations[0]!.conversationId,
    seq: 2,
    attachmentId: upload.attachmentId,
  }
  const forward = { attachmentId: newAttachmentId(), from, to: userIdOf('carol') }
  assert.equal((await alice.request('forward_attachment', { forward })).state, 'ready')
  const bearer = server.serverKey
  const body = { ...forward, attachmentId: newAttachmentId() }
  const answer = await callHttp('POST', `${server.url}/v1/forwards`, {
    bearer,
    user: 'alice',
    body,
  })
  assert.equal(answer.status, 201)
  assert.equal(answer.body['state'], 'ready')
  const stranger = await callHttp('POST', `${server.url}/v1/forwards`, {
    bearer,
    user: 'eve',
    body,
  })
  assert.equal(stranger.error?.code, 'not_a_member')
})
