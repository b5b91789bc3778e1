import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newAttachmentId } from '@satchel/protocol'
import { callHttp } from './http-client.ts'
import { openTestCluster } from './test-cluster.ts'
import { eventually } from './eventually.ts'
import { openTestServer, userIdOf } from './test-server.ts'

const bob = userIdOf('bob')

test('typing reaches the others, not its author, and is not repeated at will', async (context) => {
  const { signIn } = await openTestServer(context)
  const [alice, tablet, client] = [
    await signIn('alice'),
    await signIn('alice'),
    await signIn('bob'),
  ]
  const conversationId = await alice.group(bob)
  await client.until('event')
  for (let index = 0; index < 10; index++)
    alice.send({ type: 'activity', conversationId, activity: 'typing' })
  for (let index = 0; index < 10; index++)
    alice.send({ type: 'activity', conversationId, activity: 'none' })
  await client.until('activity', ({ activity }) => activity === 'none')
  assert.deepEqual(
    client.of('activity').map(({ userId, activity }) => `${userId} ${activity}`),
    ['alice typing', 'alice none'],
  )
  await tablet.request('inbox', {})
  assert.deepEqual([...alice.of('activity'), ...tablet.of('activity')], [])
})

test('a session that signals without end asks the server for no more than a few', async (context) => {
  let reads = 0
  const { one } = await openTestCluster(context, {
    gateways: 1,
    wrapBackend: (backend) => ({
      ...backend,
      attachments: {
        ...backend.attachments,
        read(id) {
          reads++
          return backend.attachments.read(id)
        },
      },
    }),
  })
  const alice = await one.signIn('alice')
  for (let index = 0; index < 2_000; index++)
    alice.send({ type: 'upload_progress', attachmentId: newAttachmentId(), sentBytes: 1 })
  await alice.request('inbox', {})
  assert.ok(reads > 0 && reads < 1_000, `${reads} reads`)
})

test('strangers can neither type nor mark in a conversation', async (context) => {
  const { signIn } = await openTestServer(context)
  const [alice, carol] = [await signIn('alice'), await signIn('carol')]
  const conversationId = await alice.group(bob)
  carol.send({ type: 'activity', conversationId, activity: 'typing' })
  carol.send({ type: 'mark', conversationId, mark: 'read', seq: 1 })
  await carol.request('inbox', {})
  await alice.request('inbox', {})
  assert.deepEqual([...alice.of('activity'), ...alice.of('mark')], [])
})

test('marks of who has left are of no conversation any more', async (context) => {
  const { signIn } = await openTestServer(context)
  const [alice, client] = [await signIn('alice'), await signIn('bob')]
  const conversationId = await alice.group(bob)
  await client.until('event')
  client.send({ type: 'mark', conversationId, mark: 'read', seq: 1 })
  await alice.until('mark', ({ userId }) => userId === bob)
  await client.command({ conversationId }, { kind: 'leave_conversation' })
  const { marks } = await alice.request('marks', { conversationId })
  assert.deepEqual(
    marks.map(({ userId }) => userId),
    ['alice'],
  )
})

test('marks are clipped to the head, told to others and own devices, and gathered', async (context) => {
  const { signIn } = await openTestServer(context)
  const [alice, client, phone] = [await signIn('alice'), await signIn('bob'), await signIn('bob')]
  const conversationId = await alice.group(bob)
  for (const text of ['one', 'two', 'three']) await alice.say(conversationId, text)
  await client.until('event', ({ event }) => event.seq === 4)
  for (const seq of [2, 3, 900]) client.send({ type: 'mark', conversationId, mark: 'read', seq })
  for (const device of [alice, phone, client]) {
    const last = await device.until('mark', ({ userId, mark }) => userId === bob && mark.seq === 4)
    assert.deepEqual(last.mark, { seq: 4, ordinal: 3 })
    // The first at once, the furthest a second later, and nothing between.
    assert.equal(device.of('mark').filter(({ userId }) => userId === bob).length, 2)
  }
  const { marks } = await alice.request('marks', { conversationId })
  assert.equal(marks.find(({ userId }) => userId === 'bob')?.read, 4)
  const [entry] = (await client.request('inbox', {})).conversations
  assert.equal(entry?.unread, 0)
})

test('presence is told to those who share a conversation, and to nobody else', async (context) => {
  const { signIn } = await openTestServer(context)
  const [alice, stranger] = [await signIn('alice'), await signIn('stranger')]
  await alice.group(bob)
  assert.deepEqual(await alice.request('watch_presence', { ids: [bob] }), {
    presence: [{ userId: 'bob', online: false }],
  })
  assert.deepEqual(await stranger.request('watch_presence', { ids: [bob] }), { presence: [] })
  const client = await signIn('bob')
  await alice.until('presence', ({ presence }) => presence[0]?.online === true)
  client.close()
  await alice.until('presence', ({ presence }) => presence[0]?.online === false)
  await stranger.request('inbox', {})
  assert.deepEqual(stranger.of('presence'), [])
})

test('presence ends with the last conversation two people share, whoever of them leaves it', async (context) => {
  const { signIn } = await openTestServer(context)
  const [carol, alice, dave] = [await signIn('carol'), await signIn('alice'), await signIn('dave')]
  const first = await carol.group(userIdOf('alice'), bob)
  const second = await carol.group(userIdOf('dave'), bob)
  for (const client of [carol, alice, dave]) await client.request('watch_presence', { ids: [bob] })
  const comeAndGo = async (): Promise<void> => {
    const told = carol.of('presence').length
    const client = await signIn('bob')
    await eventually('carol sees bob come', () => carol.of('presence').length > told)
    client.close()
    await eventually('and go', () => carol.of('presence').length > told + 1)
  }
  const untilUntold = (client: typeof alice) =>
    eventually('nothing is told any more', async () => {
      await client.request('inbox', {})
      const told = client.of('presence').length
      await comeAndGo()
      await client.request('inbox', {})
      return client.of('presence').length === told
    })
  await carol.command(
    { conversationId: first },
    { kind: 'remove_member', userId: userIdOf('alice') },
  )
  await untilUntold(alice)
  const client = await signIn('bob')
  await client.command({ conversationId: second }, { kind: 'leave_conversation' })
  client.close()
  await untilUntold(dave)
  await comeAndGo()
})

test('settings of a member reach the member’s other devices', async (context) => {
  const { signIn } = await openTestServer(context)
  const [alice, phone] = [await signIn('alice'), await signIn('alice')]
  const conversationId = await alice.group(bob)
  const command = { kind: 'set_member_settings', mutedUntilMs: 5 } as const
  await alice.command({ conversationId }, command)
  const told = await phone.until('member_settings')
  assert.deepEqual(told.settings, { mutedUntilMs: 5 })
})

test('the progress of an upload reaches those who see its message', async (context) => {
  const server = await openTestServer(context)
  const [alice, client] = [await server.signIn('alice'), await server.signIn('bob')]
  const conversationId = await alice.group(bob)
  const attachmentId = newAttachmentId()
  await alice.request('begin_upload', {
    upload: {
      attachmentId,
      conversationId,
      name: 'a.bin',
      sizeBytes: 100,
      contentType: 'application/octet-stream',
    },
  })
  const attachments = [{ id: attachmentId }]
  await alice.command({ conversationId }, { kind: 'send_message', attachments })
  await client.until('event', ({ event }) => event.content.kind === 'message_sent')
  // The message gets its attachment by a job of its own, so the first signals may be too early.
  const timer = setInterval(
    () => alice.send({ type: 'upload_progress', attachmentId, sentBytes: 40 }),
    100,
  )
  context.after(() => clearInterval(timer))
  const progress = await client.until('upload_progress')
  assert.deepEqual([progress.sentBytes, progress.sizeBytes], [40, 100])
})

test('nobody else’s signals keep back the progress of an upload', async (context) => {
  const { backend, one } = await openTestCluster(context, { gateways: 1 })
  const [alice, client] = [await one.signIn('alice'), await one.signIn('bob')]
  const stranger = await one.signIn('carol')
  const conversationId = await alice.group(bob)
  const attachmentId = newAttachmentId()
  const contentType = 'application/octet-stream'
  await alice.request('begin_upload', {
    upload: { attachmentId, conversationId, name: 'a.bin', sizeBytes: 100, contentType },
  })
  // There is no worker that would do this.
  const row = await backend.attachments.read(attachmentId)
  assert.ok(
    row !== undefined && (await backend.attachments.replace(row, { ...row, messageSeq: 2 })),
  )
  await client.until('event')
  stranger.send({ type: 'upload_progress', attachmentId, sentBytes: 1 })
  await stranger.request('inbox', {})
  alice.send({ type: 'upload_progress', attachmentId, sentBytes: 40 })
  assert.equal((await client.until('upload_progress')).sentBytes, 40)
})

test('a session hears a ping in its turn', async (context) => {
  const { signIn } = await openTestServer(context, { times: { pingIntervalMs: 1_000 } })
  await (await signIn('alice')).until('ping')
})

test('metrics count what happens, without anybody’s name', async (context) => {
  const server = await openTestServer(context)
  const alice = await server.signIn('alice')
  await alice.say(await alice.group(bob), 'hello')
  const { body } = await callHttp('GET', `${server.url}/metrics`)
  const text = String(body['text'])
  assert.match(text, /^satchel_sessions 1$/m)
  assert.match(text, /^satchel_request_seconds_count\{request="command"\} 2$/m)
  assert.doesNotMatch(text, /alice|bob/)
})
