import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { newSessionId, parseDeviceId, type UserId } from '@satchel/protocol'
import type { Backend } from '../../src/backends/backend.ts'
import type { SessionEntry } from '../../src/ports/session-registry.ts'
import { ALICE, BOB, CAROL } from '../support/people.ts'
import type { ContractSubject } from './contract-subject.ts'

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
      assert.equal((await other.sessions.locate([CAROL])).size, 0)
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
      assert.equal((await other.sessions.locate([ALICE])).size, 0)
    })

    it('registers the same session twice as one', async (test) => {
      const { one, other } = await subject.open(test)
      const entry = session(ALICE, 'g1')
      await one.sessions.register(entry)
      await one.sessions.register(entry)
      await one.sessions.unregister(entry)
      assert.equal((await other.sessions.locate([ALICE])).size, 0)
    })
  })
}

function session(userId: UserId, gatewayId: string): SessionEntry {
  const deviceId = parseDeviceId('phone')
  if (deviceId === undefined) throw new Error('no device id')
  return { sessionId: newSessionId(), userId, deviceId, gatewayId }
}

function byGateway(located: ReadonlyMap<string, readonly UserId[]>) {
  return new Map(
    Array.from(located, ([gatewayId, users]) => [gatewayId, users.toSorted()] as const).toSorted(),
  )
}
