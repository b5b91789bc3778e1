import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newConversationId, type ConversationId } from '@satchel/protocol'
import { BareSocket } from './bare-socket.ts'
import { eventually } from './eventually.ts'
import type { SocketClient } from './socket-client.ts'
import { openTestCluster } from './test-cluster.ts'
import { userIdOf } from './test-server.ts'

const bob = userIdOf('bob')

test('who begins to follow a busy channel hears what is said meanwhile', async (context) => {
  // Looked up twice: for the answer, and for the seats.
  let lookUps = 2
  let goOn = (): Promise<void> => Promise.resolve()
  const { one } = await openTestCluster(context, {
    gateways: 1,
    wrapBackend: (backend) => ({
      ...backend,
      members: {
        ...backend.members,
        membership: async (id, userId) => {
          const found = await backend.members.membership(id, userId)
          if (userId === bob && lookUps-- > 0) await goOn()
          return found
        },
      },
    }),
  })
  one.weather.loses = ({ type }) => type === 'head'
  const [alice, client] = [await one.signIn('alice'), await one.signIn('bob')]
  const news = await newChannel(alice)
  let last = 1
  goOn = async () => {
    last = (await alice.say(news, 'meanwhile')).seq ?? 0
    await alice.until('event', ({ event }) => event.seq === last)
  }
  await client.request('follow', { conversationId: news })
  await client.until('event', ({ event }) => event.seq === last)
  await alice.say(news, 'afterwards')
  await client.until('event', ({ event }) => event.seq === last + 1)
  assert.deepEqual(client.seqs(news), [last, last + 1])
})

test('a session hears of a channel followed meanwhile behind its welcome', async (context) => {
  const isGreeting = Promise.withResolvers<undefined>()
  const mayGoOn = Promise.withResolvers<undefined>()
  let isHeld = false
  const { one } = await openTestCluster(context, {
    gateways: 1,
    wrapBackend: (backend) => ({
      ...backend,
      users: {
        ...backend.users,
        ensure: async (userId) => {
          await backend.users.ensure(userId)
          if (!isHeld) return
          isGreeting.resolve(undefined)
          await mayGoOn.promise
        },
      },
    }),
  })
  context.after(() => mayGoOn.resolve(undefined))
  const [alice, laptop] = [await one.signIn('alice'), await one.signIn('bob')]
  const news = await newChannel(alice)
  const phone = await BareSocket.open(one.gateway.port)
  context.after(() => phone.tcp.destroy())
  isHeld = true
  const welcome = phone.hello(await one.tokenOf('bob'))
  await isGreeting.promise
  await laptop.request('follow', { conversationId: news })
  await alice.say(news, 'before the welcome')
  await laptop.until('event', ({ event }) => event.seq === 2)
  mayGoOn.resolve(undefined)
  await welcome
  await alice.say(news, 'after it')
  await eventually('the phone hears it', () => phone.of('event').at(-1)?.event.seq === 3)
  assert.equal(phone.frames[0]?.type, 'result')
})

test('the other devices of who unfollows a channel learn to ask, and that it is not theirs', async (context) => {
  const { one, other } = await openTestCluster(context)
  const alice = await one.signIn('alice')
  const [phone, laptop] = [await one.signIn('bob'), await other.signIn('bob')]
  const conversationId = await newChannel(alice)
  await phone.request('follow', { conversationId })
  await eventually(
    'the other gateway knows',
    async () => (await other.metric('satchel_conversations_open')) === 1,
  )
  await phone.request('unfollow', { conversationId })
  const { heads } = await laptop.until('heads')
  assert.deepEqual(heads, [{ conversationId, seq: 2, ordinal: 0 }])
  await assert.rejects(laptop.request('catch_up', { conversationId, seq: 1 }), {
    code: 'not_a_member',
  })
})

async function newChannel(client: SocketClient): Promise<ConversationId> {
  const conversationId = newConversationId('channel')
  const command = { kind: 'create_conversation', conversationKind: 'channel' } as const
  await client.command({ conversationId }, command)
  return conversationId
}
