import assert from 'node:assert/strict'
import { it } from 'node:test'
import { newSessionId, type DeviceId } from '@satchel/protocol'
import { openEmbeddedGatewayBus } from '../../src/adapters/embedded/gateway-bus.ts'
import { openEmbeddedSessionRegistry } from '../../src/adapters/embedded/session-registry.ts'
import { Deliveries } from '../../src/owner/deliveries.ts'
import type { ConversationView } from '../../src/owner/held-conversation.ts'
import type { Timeline } from '../../src/ports/timeline.ts'
import { commandOf, idOf, keyOf, SETTINGS } from '../domain/conversation-run.ts'
import { ManualTimers } from '../support/manual-timers.ts'
import { ALICE } from '../support/people.ts'

const VIEW: ConversationView = {
  id: idOf('group'),
  head: {
    ...{ seq: 3, ordinal: 3, timeMs: 0, createdMs: 0, kind: 'group', creatorId: ALICE },
    ...{ membershipSeq: 1, memberCount: 1, fanout: 'small', deleted: false },
  },
  memberIds: [ALICE],
  ...{ opensHistory: false, strictLinks: false },
}
const SAYING = commandOf(VIEW.id, ALICE, keyOf(1, 1), {
  kind: 'send_message',
  ...{ text: 'hi', mentions: [], mentionAll: false, attachments: [] },
})
const RECORD = {
  ...{ generation: 1, record: 1, timeMs: 0, settings: SETTINGS },
  ...{ bytesPerCommand: 1, undecided: 0 },
}

it('who could not be found for a while hears of the last event once they can be', async () => {
  const timers = new ManualTimers()
  const bus = openEmbeddedGatewayBus({ onListenerError: assert.ifError })
  const registry = openEmbeddedSessionRegistry()
  const session = { sessionId: newSessionId(), userId: ALICE, deviceId: 'd' as DeviceId }
  await registry.register({ ...session, gatewayId: 'g1' })
  const heard: string[] = []
  bus.listen('g1', ({ type }) => heard.push(type))
  let [isAway, asked] = [true, 0]
  const deliveries = new Deliveries({
    bus,
    timers,
    sessions: {
      ...registry,
      async locate(userIds) {
        asked++
        return isAway ? { usersAt: new Map(), isComplete: false } : registry.locate(userIds)
      },
    },
    timeline: {} as Timeline,
    telemetry: { deliveryFailed: (_, error) => assert.ifError(error) },
  })
  const pass = async (ms: number): Promise<void> => {
    for (let passedMs = 0; passedMs < ms; passedMs += 1_000) {
      timers.advance(1_000)
      deliveries.tick()
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  deliveries.skipped(VIEW, [
    {
      entry: { command: SAYING, answerTo: undefined },
      origin: RECORD,
      index: 0,
      answer: undefined,
    },
  ])
  await pass(120_000)
  assert.ok(asked >= 5, `asked ${asked} times`)
  assert.deepEqual(heard, [])
  assert.equal(deliveries.lowestRecord, undefined, 'nothing waits for them')
  isAway = false
  await pass(30_000)
  assert.deepEqual(heard, ['head'])
  const before = asked
  await pass(120_000)
  assert.equal(asked, before)
})
