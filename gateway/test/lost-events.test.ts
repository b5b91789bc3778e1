import assert from 'node:assert/strict'
import { describe, test, type TestContext } from 'node:test'
import type { EventKind, RequestedCommand } from '@satchel/protocol'
import type { GatewayMessage } from '@satchel/chat-core/ports'
import { openTestCluster } from './test-cluster.ts'
import { userIdOf } from './test-server.ts'

type EventsMessage = Extract<GatewayMessage, { readonly type: 'events' }>

const bob = userIdOf('bob')

/** A gateway to which the bus loses these. Answers always arrive. */
async function losing(context: TestContext, loses: (message: EventsMessage) => boolean) {
  const { one } = await openTestCluster(context, { gateways: 1 })
  one.weather.loses = (message) => message.type === 'events' && loses(message)
  return { signIn: (user: string) => one.signIn(user) }
}

/** Names messages that carry an event of this kind, or of this seq. */
const carrying =
  (wanted: EventKind | number) =>
  ({ events }: EventsMessage): boolean =>
    events.some(({ event }) =>
      typeof wanted === 'number' ? event.seq === wanted : event.content.kind === wanted,
    )

describe('what the bus loses', { concurrency: 3 }, () => {
  test('an event the bus lost is fetched before the next one is sent', async (context) => {
    const { signIn } = await losing(context, carrying(3))
    const [alice, client] = [await signIn('alice'), await signIn('bob')]
    const group = await alice.group(bob)
    for (const text of ['two', 'three', 'four', 'five']) await alice.say(group, text)
    await client.until('event', ({ event }) => event.seq === 5)
    assert.deepEqual(client.seqs(group), [1, 2, 3, 4, 5])
    await alice.until('event', ({ event }) => event.seq === 5)
    assert.deepEqual(alice.seqs(group), [1, 2, 3, 4, 5])
  })

  test('a last event the bus lost is there within seconds, without anybody asking', async (context) => {
    const { signIn } = await losing(context, carrying(3))
    const [alice, client] = [await signIn('alice'), await signIn('bob')]
    const group = await alice.group(bob)
    for (const text of ['two', 'three']) await alice.say(group, text)
    await client.until('event', ({ event }) => event.seq === 3)
    assert.deepEqual(client.seqs(group), [1, 2, 3])
  })

  test('who was removed learns that and nothing more, even when the bus lost the removal', async (context) => {
    const { signIn } = await losing(context, carrying('member_removed'))
    const [alice, client] = [await signIn('alice'), await signIn('bob')]
    const group = await alice.group(bob, userIdOf('carol'))
    const carol = await signIn('carol')
    await alice.say(group, 'with bob')
    await client.until('event', ({ event }) => event.seq === 2)
    const conversationId = group
    await alice.command({ conversationId }, { kind: 'remove_member', userId: bob })
    for (const text of ['without bob', 'still without']) await alice.say(group, text)
    await carol.until('event', ({ event }) => event.seq === 5)
    assert.deepEqual(carol.seqs(group), [2, 3, 4, 5])
    // The next thing bob may see proves that nothing else was on its way.
    const other = await alice.group(bob)
    await client.until('event', (frame) => frame.conversationId === other)
    assert.deepEqual(client.seqs(group), [1, 2, 3])
  })

  test('an edit reaches in full whoever has caught up alone with what it changes', async (context) => {
    const { one, other } = await openTestCluster(context)
    const [alice, carol] = [await other.signIn('alice'), await one.signIn('carol')]
    const conversationId = await alice.group(bob, userIdOf('carol'))
    await carol.until('event')
    const isSaying = carrying(2)
    one.weather.loses = (message) =>
      message.type === 'head' || (message.type === 'events' && isSaying(message))
    await alice.say(conversationId, 'helo')
    const client = await one.signIn('bob', { heads: [{ conversationId, seq: 1 }] })
    await client.until('caught_up')
    const edit = { kind: 'edit_message', target: 2, text: 'hello' } as const
    await alice.command({ conversationId }, edit)
    for (const reader of [client, carol]) {
      const { event } = await reader.until('event', (frame) => frame.event.seq === 3)
      const body = { version: 3, text: 'hello' }
      assert.deepEqual(event.content, { kind: 'message_edited', target: 2, body })
      assert.deepEqual(reader.seqs(conversationId).slice(-2), [2, 3])
    }
  })

  test('a newcomer gets what comes, even when the bus lost that they came', async (context) => {
    const { signIn } = await losing(context, carrying('members_added'))
    const [alice, client] = [await signIn('alice'), await signIn('bob')]
    const group = await alice.group()
    await alice.say(group, 'before')
    await alice.command({ conversationId: group }, { kind: 'add_members', userIds: [bob] })
    await alice.say(group, 'welcome')
    await client.until('event', ({ event }) => event.seq === 4)
    assert.deepEqual(client.seqs(group), [3, 4])
    await alice.until('event', ({ event }) => event.seq === 4)
    assert.deepEqual(alice.seqs(group), [1, 2, 3, 4])
  })

  test('who was removed and came back unheard, with nobody else here, gets what comes', async (context) => {
    const { one, other } = await openTestCluster(context)
    const [alice, client] = [await other.signIn('alice'), await one.signIn('bob')]
    const conversationId = await alice.group(bob)
    await client.until('event')
    one.weather.loses = () => true
    await alice.command({ conversationId }, { kind: 'remove_member', userId: bob })
    await alice.command({ conversationId }, { kind: 'add_members', userIds: [bob] })
    one.weather.loses = () => false
    for (const text of ['four', 'five']) await alice.say(conversationId, text)
    await client.until('event', ({ event }) => event.seq === 5)
    assert.deepEqual(client.seqs(conversationId), [1, 2, 3, 4, 5])
  })

  test('with every second event lost, everybody still sees all of them in order', async (context) => {
    const { signIn } = await losing(context, ({ events }) => events[0]!.event.seq % 2 === 0)
    const [alice, client] = [await signIn('alice'), await signIn('bob')]
    const group = await alice.group(bob)
    for (let index = 0; index < 10; index++)
      await Promise.all([alice.say(group, 'a'), client.say(group, 'b')])
    for (const one of [alice, client]) {
      await one.until('event', ({ event }) => event.seq === 21)
      assert.deepEqual(
        one.seqs(group),
        Array.from({ length: 21 }, (_, index) => index + 1),
      )
    }
  })

  test('what many missed is read once for all of them', async (context) => {
    let reads = 0
    const { one, other } = await openTestCluster(context, {
      wrapBackend: (backend) => ({
        ...backend,
        timeline: {
          ...backend.timeline,
          read: async (id, range) => {
            reads++
            return backend.timeline.read(id, range)
          },
        },
      }),
    })
    const alice = await other.signIn('alice')
    const group = await alice.group(bob)
    const devices = await Promise.all(Array.from({ length: 30 }, () => one.signIn('bob')))
    await alice.say(group, 'two')
    for (const device of devices) await device.until('event', ({ event }) => event.seq === 2)
    const before = reads
    one.weather.loses = (message) => message.type === 'events' && carrying(3)(message)
    for (const text of ['three', 'four']) await alice.say(group, text)
    for (const device of devices) {
      await device.until('event', ({ event }) => event.seq === 4)
      assert.deepEqual(device.seqs(group), [2, 3, 4])
    }
    assert.equal(reads, before + 1)
  })

  test('people come and go in what was lost, and the list of readers is right again', async (context) => {
    const { one, other } = await openTestCluster(context)
    const alice = await other.signIn('alice')
    const names = ['bob', 'carol', 'dave', 'erin']
    const [first, second, third, fourth] = await Promise.all(names.map((name) => one.signIn(name)))
    const conversationId = await alice.group(bob, userIdOf('carol'), userIdOf('erin'))
    const ask = (command: RequestedCommand) => alice.command({ conversationId }, command)
    await first!.until('event')
    one.weather.loses = ({ type }) => type === 'events'
    await ask({ kind: 'remove_member', userId: bob }) // 2
    await ask({ kind: 'add_members', userIds: [userIdOf('dave')] }) // 3
    await ask({ kind: 'remove_member', userId: userIdOf('carol') }) // 4
    await ask({ kind: 'remove_member', userId: userIdOf('erin') }) // 5
    await ask({ kind: 'add_members', userIds: [userIdOf('carol')] }) // 6
    one.weather.loses = () => false
    for (const text of ['seven', 'eight']) await alice.say(conversationId, text)
    await third!.until('event', ({ event }) => event.seq === 8)
    await second!.until('event', ({ event }) => event.seq === 8)
    const seqs = [first, second, third, fourth].map((client) => client!.seqs(conversationId))
    assert.deepEqual(seqs, [
      [1, 2],
      [1, 2, 3, 4, 6, 7, 8],
      [3, 4, 5, 6, 7, 8],
      [1, 2, 3, 4, 5],
    ])
  })
})
