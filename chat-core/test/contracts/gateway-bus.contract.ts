import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { describe, it } from 'node:test'
import { newConversationId } from '@satchel/protocol'
import type { Backend } from '../../src/backends/backend.ts'
import type { GatewayMessage } from '../../src/ports/gateway-bus.ts'
import { eventually } from '../support/eventually.ts'
import { ALICE } from '../support/people.ts'
import type { ContractSubject } from './contract-subject.ts'

type Ports = Pick<Backend, 'bus'>

export function describeGatewayBus(name: string, subject: ContractSubject<Ports>): void {
  describe(`gateway bus, ${name}`, () => {
    it('brings what is sent to a gateway to that gateway, in order', async (test) => {
      const { one, other } = await subject.open(test)
      const [mine, foreign] = [listener(other), listener(other)]
      const id = newConversationId('group')
      for (let seq = 1; seq <= 200; seq++) one.bus.send(mine.gatewayId, head(id, seq))
      await eventually(() => assert.equal(mine.received.length, 200))
      assert.deepEqual(
        mine.received.map(seqOf),
        Array.from({ length: 200 }, (_, n) => n + 1),
      )
      assert.deepEqual(foreign.received, [])
    })

    it('brings what is published to the gateways that subscribed, once each, until they leave', async (test) => {
      const { one, other } = await subject.open(test)
      const [first, second, third] = [listener(one), listener(other), listener(other)]
      const [id, elsewhere] = [newConversationId('channel'), newConversationId('channel')]
      one.bus.subscribe(first.gatewayId, id)
      other.bus.subscribe(second.gatewayId, id)
      other.bus.subscribe(second.gatewayId, id)
      other.bus.subscribe(third.gatewayId, elsewhere)
      await eventually(() => {
        one.bus.publish(id, head(id, 1))
        assert.ok(first.received.length > 0 && second.received.length > 0)
      })
      const before = second.received.length
      one.bus.publish(id, head(id, 2))
      await eventually(() => assert.equal(second.received.filter(isSeq(2)).length, 1))
      assert.ok(second.received.length >= before)
      other.bus.unsubscribe(second.gatewayId, id)
      one.bus.publish(id, head(id, 3))
      await eventually(() => assert.equal(first.received.filter(isSeq(3)).length, 1))
      one.bus.send(second.gatewayId, head(id, 4))
      await eventually(() => assert.equal(second.received.filter(isSeq(4)).length, 1))
      assert.equal(second.received.filter(isSeq(3)).length, 0)
      assert.deepEqual(third.received, [])
    })

    it('broadcasts to every gateway', async (test) => {
      const { one, other } = await subject.open(test)
      const gateways = [listener(one), listener(other), listener(other)]
      const message: GatewayMessage = { type: 'end_sessions', userId: ALICE }
      one.bus.broadcast(message)
      await eventually(() => {
        for (const { received } of gateways) assert.deepEqual(received, [message])
      })
    })

    it('stops at the end of listening, and never minds that nobody listens', async (test) => {
      const { one, other } = await subject.open(test)
      const [gone, here] = [listener(other), listener(other)]
      const id = newConversationId('group')
      gone.end()
      one.bus.send(gone.gatewayId, head(id, 1))
      one.bus.send('nobody', head(id, 1))
      one.bus.publish(id, head(id, 1))
      one.bus.send(here.gatewayId, head(id, 2))
      await eventually(() => assert.equal(here.received.length, 1))
      assert.deepEqual(gone.received, [])
    })

    it('never calls a listener before the publisher has gone on', async (test) => {
      const { one } = await subject.open(test)
      const mine = listener(one)
      one.bus.send(mine.gatewayId, head(newConversationId('group'), 1))
      assert.deepEqual(mine.received, [])
      await eventually(() => assert.equal(mine.received.length, 1))
    })
  })
}

function listener(ports: Ports) {
  const gatewayId = randomUUID()
  const received: GatewayMessage[] = []
  const end = ports.bus.listen(gatewayId, (message) => received.push(message))
  return { gatewayId, received, end }
}

function head(conversationId: ReturnType<typeof newConversationId>, seq: number): GatewayMessage {
  return { type: 'head', conversationId, head: { seq, ordinal: seq, timeMs: 1 } }
}

function seqOf(message: GatewayMessage): number | undefined {
  return message.type === 'head' ? message.head.seq : undefined
}

function isSeq(seq: number): (message: GatewayMessage) => boolean {
  return (message) => seqOf(message) === seq
}
