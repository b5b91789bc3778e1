import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { newSessionId, type PresenceState } from '@satchel/protocol'
import type { Backend } from '../../src/backends/backend.ts'
import { eventually } from '../support/eventually.ts'
import { ALICE, BOB, CAROL } from '../support/people.ts'
import type { ContractSubject } from './contract-subject.ts'

type Ports = Pick<Backend, 'presence' | 'clock'>

const LIFETIME_MS = 2_500

export function describePresence(name: string, subject: ContractSubject<Ports>): void {
  describe(`presence, ${name}`, { concurrency: true }, () => {
    it('says who is there, in the order asked', async (test) => {
      const { one, other } = await subject.open(test)
      await one.presence.arrive(BOB, newSessionId(), LIFETIME_MS)
      assert.deepEqual(await online(other, [ALICE, BOB, CAROL]), [false, true, false])
    })

    it('ends when the last session leaves, and remembers when', async (test) => {
      const { one, other } = await subject.open(test)
      const [phone, laptop] = [newSessionId(), newSessionId()]
      await one.presence.arrive(BOB, phone, LIFETIME_MS)
      await other.presence.arrive(BOB, laptop, LIFETIME_MS)
      await one.presence.leave(BOB, phone)
      assert.deepEqual(await online(other, [BOB]), [true])
      const before = one.clock.nowMs()
      await other.presence.leave(BOB, laptop)
      const [state] = await one.presence.read([BOB])
      assert.equal(state?.online, false)
      const seenMs = state.lastSeenMs ?? 0
      assert.ok(seenMs >= before - 5 && seenMs <= one.clock.nowMs() + 5)
    })

    it('ends with the lifetime unless the session says again that it is there', async (test) => {
      const { one, other, advance } = await subject.open(test)
      const session = newSessionId()
      await one.presence.arrive(BOB, session, LIFETIME_MS)
      await advance(LIFETIME_MS * 0.6)
      await one.presence.arrive(BOB, session, LIFETIME_MS)
      await advance(LIFETIME_MS * 0.6)
      assert.deepEqual(await online(other, [BOB]), [true])
      await advance(LIFETIME_MS)
      assert.deepEqual(await online(other, [BOB]), [false])
    })

    it('tells watchers who comes and who goes, once each, also when a lifetime ends', async (test) => {
      const { one, other, advance } = await subject.open(test)
      const seen: PresenceState[] = []
      const unwatch = other.presence.watch((state) => seen.push(state))
      test.after(unwatch)
      const [phone, laptop] = [newSessionId(), newSessionId()]
      await one.presence.arrive(BOB, phone, LIFETIME_MS)
      await one.presence.arrive(BOB, laptop, LIFETIME_MS)
      await one.presence.arrive(BOB, phone, LIFETIME_MS)
      await one.presence.leave(BOB, laptop)
      await eventually(() => assert.deepEqual(changes(seen), ['bob true']))
      await advance(LIFETIME_MS + 1)
      await eventually(() => assert.deepEqual(changes(seen), ['bob true', 'bob false']))
      unwatch()
      await one.presence.arrive(ALICE, newSessionId(), LIFETIME_MS)
      assert.deepEqual(changes(seen), ['bob true', 'bob false'])
    })

    it('takes no notice of a session leaving that was not there', async (test) => {
      const { one, other } = await subject.open(test)
      await one.presence.arrive(BOB, newSessionId(), LIFETIME_MS)
      await one.presence.leave(BOB, newSessionId())
      await one.presence.leave(ALICE, newSessionId())
      assert.deepEqual(await online(other, [BOB, ALICE]), [true, false])
    })
  })
}

async function online(ports: Ports, ids: Parameters<Ports['presence']['read']>[0]) {
  return (await ports.presence.read(ids)).map((state, index) => {
    assert.equal(state.userId, ids[index])
    return state.online
  })
}

function changes(seen: readonly PresenceState[]): readonly string[] {
  return seen.map(({ userId, online }) => `${userId} ${online}`)
}
