import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { newSessionId, parseDeviceId, type UserId } from '@satchel/protocol'
import type { Backend } from '../../src/backends/backend.ts'
import type { LocatedUsers, SessionEntry } from '../../src/ports/session-registry.ts'
import { eventually } from '../support/eventually.ts'
import { ALICE, BOB, CAROL } from '../support/people.ts'
import type { ContractSubject, InterruptibleSubject } from './contract-subject.ts'

type Ports = Pick<Backend, 'sessions'>

export function describeSessionRegistry(name: string, subject: ContractSubject<Ports>): void {
  describe(`session registry, ${name}`, () => {
    it('says at which gateways which of the users are', async (test) => {
      const { one, other } = await subject.open(test)
      for (const entry of [
        session(ALICE, 'g1'),
        session(ALICE, 'g2'),
        session(BOB, 'g2'),
        session(BOB, 'g2'),
      ])
        await one.sessions.register(entry)
      assert.deepEqual(
        byGateway(await other.sessions.locate([ALICE, BOB, CAROL])),
        new Map([
          ['g1', [ALICE]],
          ['g2', [ALICE, BOB]],
        ]),
      )
      assert.deepEqual(byGateway(await other.sessions.locate([BOB])), new Map([['g2', [BOB]]]))
      assert.equal((await other.sessions.locate([CAROL])).usersAt.size, 0)
    })

    it('takes out the one session, and leaves a newer one of the same device', async (test) => {
      const { one, other } = await subject.open(test)
      const [old, fresh] = [session(ALICE, 'g1'), session(ALICE, 'g1')]
      await one.sessions.register(old)
      await one.sessions.register(fresh)
      await one.sessions.unregister(old)
      await one.sessions.unregister(old)
      assert.deepEqual(byGateway(await other.sessions.locate([ALICE])), new Map([['g1', [ALICE]]]))
      await one.sessions.unregister(fresh)
      await eventually(async () => {
        assert.equal((await other.sessions.locate([ALICE])).usersAt.size, 0)
      })
    })

    it('registers the same session twice as one', async (test) => {
      const { one, other } = await subject.open(test)
      const entry = session(ALICE, 'g1')
      await one.sessions.register(entry)
      await one.sessions.register(entry)
      await one.sessions.unregister(entry)
      assert.equal((await other.sessions.locate([ALICE])).usersAt.size, 0)
    })

    it('does not take out what the same device has registered at another gateway since', async (test) => {
      const { one, other } = await subject.open(test)
      const [old, fresh] = [session(ALICE, 'g1'), session(ALICE, 'g2')]
      await one.sessions.register(old)
      await other.sessions.register(fresh)
      await one.sessions.unregister(old)
      assert.deepEqual(byGateway(await one.sessions.locate([ALICE])), new Map([['g2', [ALICE]]]))
    })

    it('finds a session soon that was looked for in vain', async (test) => {
      const { one, other } = await subject.open(test)
      assert.equal((await other.sessions.locate([ALICE])).usersAt.size, 0)
      await one.sessions.register(session(ALICE, 'g1'))
      await eventually(async () => {
        const located = byGateway(await other.sessions.locate([ALICE]))
        assert.deepEqual(located, new Map([['g1', [ALICE]]]))
      }, 3_000)
    })

    it('locates nobody where nobody is asked for', async (test) => {
      const { one, other } = await subject.open(test)
      await one.sessions.register(session(ALICE, 'g1'))
      assert.equal((await other.sessions.locate([])).usersAt.size, 0)
    })
  })
}

/** For backends that may forget. */
export function describeSessionRegistryLosses(
  name: string,
  subject: InterruptibleSubject<Ports>,
): void {
  describe(`session registry that forgets (${name})`, () => {
    it('has the sessions again by itself, and then tells whose they are', async (test) => {
      const { one, other, interrupt } = await subject.open(test)
      const leaving = session(BOB, 'g2')
      await one.sessions.register(session(ALICE, 'g1'))
      await one.sessions.register(leaving)
      await other.sessions.register(session(CAROL, 'g3'))
      let gaps = 0
      one.sessions.watchGaps(() => gaps++)
      const unwatch = one.sessions.watchGaps(() => assert.fail('nobody watches'))
      unwatch()
      await interrupt(() => one.sessions.unregister(leaving))
      await eventually(() => assert.ok(gaps > 0))
      const expected = new Map([
        ['g1', [ALICE]],
        ['g3', [CAROL]],
      ])
      await eventually(async () => {
        const located = byGateway(await other.sessions.locate([ALICE, BOB, CAROL]))
        assert.deepEqual(located, expected)
      })
    })

    it('takes sessions that come while nothing can be kept', async (test) => {
      const { one, other, interrupt } = await subject.open(test)
      let gaps = 0
      one.sessions.watchGaps(() => gaps++)
      await interrupt(async () => {
        await one.sessions.register(session(ALICE, 'g1'))
        assert.equal((await other.sessions.locate([CAROL])).usersAt.size, 0)
      })
      await eventually(() => assert.ok(gaps > 0))
      await eventually(async () => {
        const located = byGateway(await other.sessions.locate([ALICE]))
        assert.deepEqual(located, new Map([['g1', [ALICE]]]))
      })
    })
  })
}

function session(userId: UserId, gatewayId: string): SessionEntry {
  const deviceId = parseDeviceId('phone')
  if (deviceId === undefined) throw new Error('no device id')
  return { sessionId: newSessionId(), userId, deviceId, gatewayId }
}

function byGateway({ usersAt }: LocatedUsers) {
  return new Map(
    Array.from(usersAt, ([gatewayId, users]) => [gatewayId, users.toSorted()] as const).toSorted(),
  )
}
