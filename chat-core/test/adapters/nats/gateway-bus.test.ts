import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { newConversationId } from '@satchel/protocol'
import { openNatsGatewayBus, type NatsGatewayBus } from '../../../src/adapters/nats/gateway-bus.ts'
import type { LossReason } from '../../../src/adapters/nats/gateway-outbox.ts'
import type { NatsClient } from '../../../src/adapters/nats/nats-client.ts'
import type { GatewayMessage } from '../../../src/ports/gateway-bus.ts'
import type { InterruptibleSubject } from '../../contracts/contract-subject.ts'
import { describeGatewayBus, describeGatewayBusGaps } from '../../contracts/gateway-bus.contract.ts'
import { eventually } from '../../support/eventually.ts'
import { newDeployment, openTestNatsClient } from '../../support/nats-clients.ts'
import { ALICE } from '../../support/people.ts'
import { startServersOfFile, type RealServers } from '../../support/real-servers.ts'

const servers = await startServersOfFile(['nats'])
if (servers !== undefined) describeNatsGatewayBus(servers)

interface BusStage {
  readonly client: NatsClient
  readonly bus: NatsGatewayBus
  readonly lost: { readonly messages: number; readonly reason: LossReason }[]
  readonly unreadable: unknown[]
  readonly heardOf: string[]
}

async function open(
  test: TestContext,
  { addresses }: RealServers,
  deployment = newDeployment(),
): Promise<BusStage> {
  const client = await openTestNatsClient(test, addresses.nats, deployment)
  const lost: BusStage['lost'] = []
  const unreadable: unknown[] = []
  const heardOf: string[] = []
  const bus = openNatsGatewayBus({
    client,
    heardOf: (conversationId, seq) => heardOf.push(`${conversationId} ${String(seq)}`),
    telemetry: {
      lost: (messages, reason) => lost.push({ messages, reason }),
      unreadable: (error) => unreadable.push(error),
      listenerFailed: (error) => {
        throw error
      },
    },
  })
  return { client, bus, lost, unreadable, heardOf }
}

function describeNatsGatewayBus(servers: RealServers): void {
  const subject: InterruptibleSubject<{ readonly bus: NatsGatewayBus }> = {
    async open(test) {
      const deployment = newDeployment()
      const [one, other] = [
        await open(test, servers, deployment),
        await open(test, servers, deployment),
      ]
      return {
        one,
        other,
        advance: () => Promise.resolve(),
        interrupt: async (meanwhile) => {
          const server = servers.server('nats')
          await server.kill()
          await eventually(() => assert.ok(!one.bus.connected && !other.bus.connected))
          await meanwhile?.()
          await server.start()
        },
      }
    },
  }
  describeGatewayBus('nats', subject)
  describeGatewayBusGaps('nats', subject)

  describe('the gateway bus on NATS', () => {
    it('drops what is none of ours, and goes on', async (test) => {
      const { bus, client, unreadable } = await open(test, servers)
      const received: GatewayMessage[] = []
      bus.listen('here', (message) => received.push(message))
      const { deployment, connection } = client
      const bad = [
        [0xdd, 0xff, 0xff, 0xff, 0xff],
        [0x91, 0xdd, 0x00, 0xff, 0xff, 0xff],
        [0x91, 0x92, 0xa4, ...Buffer.from('head'), 0xc4, 0x01, 0x00],
        [0xc1],
        Array.from({ length: 100_000 }, () => 0x91),
        [0x91, 0x01],
      ]
      for (const payload of bad)
        connection.publish(`${deployment}.gateway.here`, new Uint8Array(payload))
      const message: GatewayMessage = { type: 'end_sessions', userId: ALICE }
      bus.send('here', message)
      await eventually(() => assert.deepEqual(received, [message]))
      assert.equal(unreadable.length, bad.length)
    })

    it('passes over what only a newer version can send', async (test) => {
      const { bus, client, unreadable } = await open(test, servers)
      const received: GatewayMessage[] = []
      bus.listen('here', (message) => received.push(message))
      const newer = [0x92, 0x91, 0xa3, ...Buffer.from('new')]
      const known = [0x92, 0xac, ...Buffer.from('end_sessions'), 0xa5, ...Buffer.from('alice')]
      client.connection.publish(
        `${client.deployment}.gateway.here`,
        new Uint8Array([...newer, ...known]),
      )
      await eventually(() => assert.deepEqual(received, [{ type: 'end_sessions', userId: ALICE }]))
      assert.deepEqual(unreadable, [])
    })

    it('tells how far conversations have come before listeners hear of it', async (test) => {
      const { bus, heardOf } = await open(test, servers)
      const heardBefore: string[] = []
      bus.listen('here', () => heardBefore.push(heardOf.at(-1) ?? ''))
      const id = newConversationId('group')
      bus.send('here', {
        type: 'head',
        conversationId: id,
        head: { seq: 7, ordinal: 1, timeMs: 1 },
      })
      bus.send('here', { ...largeMessage(1), conversationId: id })
      bus.send('here', { ...largeMessage(1), conversationId: id, events: [] })
      const expected = [`${id} 7`, `${id} 1`, `${id} 1`]
      await eventually(() => assert.deepEqual(heardBefore, expected))
      assert.equal(heardOf.length, 2)
    })

    it('sends what one turn brings for one subject as one message', async (test) => {
      const { bus, client } = await open(test, servers)
      let payloads = 0
      let messages = 0
      client.connection.subscribe(`${client.deployment}.gateway.here`, {
        callback: () => payloads++,
      })
      bus.listen('here', () => messages++)
      for (let n = 0; n < 100; n++) bus.send('here', { type: 'end_sessions', userId: ALICE })
      await eventually(() => assert.equal(messages, 100))
      assert.equal(payloads, 1)
    })

    it('divides what is too large for one message, and keeps the order', async (test) => {
      const { bus } = await open(test, servers)
      const seqs: number[] = []
      bus.listen('here', (message) => {
        if (message.type === 'events') seqs.push(message.membershipSeq)
      })
      const sent = Array.from({ length: 300 }, (_, n) => n)
      for (const n of sent) bus.send('here', largeMessage(n))
      await eventually(() => assert.deepEqual(seqs, sent))
    })

    it('drops what a server that stopped does not take, and tells of the gap', async (test) => {
      const { bus, client, lost } = await open(test, servers)
      const server = servers.server('nats')
      const before = process.memoryUsage().rss
      let gaps = 0
      bus.watchGaps(() => gaps++)
      test.after(() => server.resume())
      await server.pause()
      await eventually(async () => {
        for (let n = 0; n < 200; n++) bus.send('nobody', largeMessage(n))
        await new Promise((resolve) => setImmediate(resolve))
        assert.ok(lost.some(({ reason }) => reason === 'slow'))
      })
      assert.ok(process.memoryUsage().rss - before < 300 * 1024 * 1024)
      server.resume()
      await eventually(() => assert.ok(gaps > 0))
      await eventually(() => assert.ok(client.connected))
      const received: GatewayMessage[] = []
      bus.listen('here', (message) => received.push(message))
      bus.send('here', { type: 'end_sessions', userId: ALICE })
      await eventually(() => assert.equal(received.length, 1))
    })

    it('loses what is sent while there is no server, and says so', async (test) => {
      const { bus, client, lost } = await open(test, servers)
      const server = servers.server('nats')
      await server.kill()
      await eventually(() => assert.equal(bus.connected, false))
      bus.send('here', { type: 'end_sessions', userId: ALICE })
      await eventually(() => assert.deepEqual(lost, [{ messages: 1, reason: 'disconnected' }]))
      await server.start()
      await eventually(() => assert.equal(client.connected, true))
    })

    it('takes no gateway id that would be more than one word of a subject', async (test) => {
      const { bus, lost } = await open(test, servers)
      bus.send('a.b', { type: 'end_sessions', userId: ALICE })
      bus.send('a\r\nPUB x 0', { type: 'end_sessions', userId: ALICE })
      assert.equal(lost.length, 2)
      assert.throws(() => bus.listen('>', () => undefined), { code: 'internal' })
    })
  })
}

function largeMessage(membershipSeq: number): Extract<GatewayMessage, { type: 'events' }> {
  return {
    type: 'events',
    conversationId: newConversationId('group'),
    membershipSeq,
    events: [
      {
        event: {
          ...{ seq: 1, ordinal: 1, timeMs: 1, authorId: ALICE },
          content: { kind: 'message_sent', body: { version: 1, text: 'x'.repeat(8_000) } },
        },
      },
    ],
  }
}
