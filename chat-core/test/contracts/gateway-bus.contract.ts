import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { describe, it } from 'node:test'
import { newConversationId } from '@satchel/protocol'
import type { Backend } from '../../src/backends/backend.ts'
import type { GatewayMessage } from '../../src/ports/gateway-bus.ts'
import { eventually } from '../support/eventually.ts'
import { ALICE } from '../support/people.ts'
import type { ContractSubject, InterruptibleSubject } from './contract-subject.ts'
import { everyGatewayMessage } from './every-gateway-message.ts'

type Ports = Pick<Backend, 'bus'>

/** The seq of heads that only ask whether somebody listens. */
const PROBE = 0

export function describeGatewayBus(name: string, subject: ContractSubject<Ports>): void {
  describe(`gateway bus, ${name}`, () => {
    it('brings what is sent to a gateway to that gateway, in order', async (test) => {
      const { one, other } = await subject.open(test)
      const [mine, foreign] = [listener(other), listener(other)]
      await untilHeard(one, [mine, foreign])
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
      await untilHeard(one, [first, second, third])
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
      await untilHeard(one, gateways)
      const message: GatewayMessage = { type: 'end_sessions', userId: ALICE }
      one.bus.broadcast(message)
      await eventually(() => {
        for (const { received } of gateways) assert.deepEqual(received, [message])
      })
    })

    it('stops at the end of listening, and never minds that nobody listens', async (test) => {
      const { one, other } = await subject.open(test)
      const [gone, here] = [listener(other), listener(other)]
      await untilHeard(one, [gone, here])
      const id = newConversationId('group')
      gone.end()
      one.bus.send(gone.gatewayId, head(id, 1))
      one.bus.send('nobody', head(id, 1))
      one.bus.publish(id, head(id, 1))
      one.bus.send(here.gatewayId, head(id, 2))
      await eventually(() => assert.equal(here.received.length, 1))
      assert.deepEqual(gone.received, [])
    })

    it('keeps every field of every message', async (test) => {
      const { one, other } = await subject.open(test)
      const mine = listener(other)
      await untilHeard(one, [mine])
      const messages = everyGatewayMessage()
      for (const message of messages) one.bus.send(mine.gatewayId, message)
      await eventually(() => assert.equal(mine.received.length, messages.length))
      assert.deepEqual(mine.received, messages)
    })

    it('has sent everything once it is flushed', async (test) => {
      const { one, other } = await subject.open(test)
      const mine = listener(other)
      await eventually(async () => {
        one.bus.send(mine.gatewayId, head(newConversationId('group'), 1))
        await one.bus.flush()
        assert.ok(mine.received.length > 0)
      })
      one.bus.send(mine.gatewayId, head(newConversationId('group'), 2))
      await one.bus.flush()
      await eventually(() => assert.equal(mine.received.filter(isSeq(2)).length, 1))
    })

    it('never calls a listener before the publisher has gone on', async (test) => {
      const { one } = await subject.open(test)
      const mine = listener(one)
      await untilHeard(one, [mine])
      one.bus.send(mine.gatewayId, head(newConversationId('group'), 1))
      assert.deepEqual(mine.received, [])
      await eventually(() => assert.equal(mine.received.length, 1))
    })
  })
}

/** For backends where messages can be lost on the way. */
export function describeGatewayBusGaps(name: string, subject: InterruptibleSubject<Ports>): void {
  describe(`gateway bus cut off (${name})`, () => {
    it('tells everybody of a gap once it is over, and brings what is sent from then on', async (test) => {
      const { one, other, interrupt } = await subject.open(test)
      const [mine, subscriber] = [listener(other), listener(other)]
      const id = newConversationId('channel')
      other.bus.subscribe(subscriber.gatewayId, id)
      await untilHeard(one, [mine, subscriber])
      const [whole, cut] = [gaps(one), gaps(other)]
      await interrupt()
      await eventually(() => assert.deepEqual([whole.count, cut.count], [1, 1]), 20_000)
      await untilHeard(one, [mine])
      one.bus.send(mine.gatewayId, head(id, 1))
      one.bus.publish(id, head(id, 2))
      await eventually(() => assert.deepEqual(mine.received.map(seqOf), [1]))
      await eventually(() => assert.equal(subscriber.received.filter(isSeq(2)).length, 1))
    })

    it('tells nobody who no longer watches', async (test) => {
      const { one, other, interrupt } = await subject.open(test)
      const [watching, gone] = [gaps(one), gaps(other)]
      gone.end()
      await interrupt()
      await eventually(() => assert.equal(watching.count, 1), 20_000)
      assert.equal(gone.count, 0)
    })
  })
}

interface Listener {
  readonly gatewayId: string
  readonly received: GatewayMessage[]
  readonly end: () => void
  heard: boolean
}

function listener(ports: Ports): Listener {
  const gatewayId = randomUUID()
  const received: GatewayMessage[] = []
  const end = ports.bus.listen(gatewayId, (message) => {
    if (isSeq(PROBE)(message)) mine.heard = true
    else received.push(message)
  })
  const mine: Listener = { gatewayId, received, end, heard: false }
  return mine
}

/** What is sent before a server knows of a listener does not reach it. */
async function untilHeard(from: Ports, listeners: readonly Listener[]): Promise<void> {
  for (const one of listeners) one.heard = false
  await eventually(() => {
    from.bus.broadcast(head(newConversationId('group'), PROBE))
    assert.ok(listeners.every(({ heard }) => heard))
  })
}

function gaps(ports: Ports): { readonly count: number; readonly end: () => void } {
  let count = 0
  const end = ports.bus.watchGaps(() => count++)
  return {
    end,
    get count() {
      return count
    },
  }
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
