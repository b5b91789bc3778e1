import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Backend } from '../../src/backends/backend.ts'
import { ALICE, BOB, CAROL, personNamed } from '../support/people.ts'
import type { ContractSubject } from './contract-subject.ts'

type Ports = Pick<Backend, 'users'>

export function describeUsers(name: string, subject: ContractSubject<Ports>): void {
  describe(`users, ${name}`, () => {
    it('gives profiles in the order asked, nothing for those never seen', async (test) => {
      const { one, other } = await subject.open(test)
      const bob = { id: BOB, name: 'Bob', avatar: 'https://a/b.png', data: { team: 7 } }
      await one.users.write(bob)
      await one.users.ensure(ALICE)
      assert.deepEqual(await other.users.read([ALICE, CAROL, BOB]), [{ id: ALICE }, undefined, bob])
    })

    it('writes a profile whole', async (test) => {
      const { one, other } = await subject.open(test)
      await one.users.write({ id: BOB, name: 'Bob', avatar: 'x' })
      await one.users.write({ id: BOB, name: 'Robert' })
      assert.deepEqual(await other.users.read([BOB]), [{ id: BOB, name: 'Robert' }])
    })

    it('makes a user known without touching a profile', async (test) => {
      const { one, other } = await subject.open(test)
      await Promise.all([one.users.write({ id: BOB, name: 'Bob' }), other.users.ensure(BOB)])
      await one.users.ensure(BOB)
      assert.deepEqual(await other.users.read([BOB]), [{ id: BOB, name: 'Bob' }])
    })

    it('finds people by the beginning of id or name, whatever the case, each once', async (test) => {
      const { one, other } = await subject.open(test)
      const [zoe, carlo] = [personNamed('zoë'), personNamed('u-17')]
      await one.users.write({ id: BOB, name: 'Bobby Tables' })
      await one.users.write({ id: zoe, name: 'ZOË Ω' })
      await one.users.write({ id: carlo, name: 'carlo' })
      await one.users.ensure(CAROL)
      const find = async (prefix: string) =>
        (await other.users.find(prefix, 10)).map(({ id }) => id).toSorted()
      assert.deepEqual(await find('CAR'), [CAROL, carlo])
      assert.deepEqual(await find('bob'), [BOB])
      assert.deepEqual(await find('zoë ω'), [zoe])
      assert.deepEqual(await find('tables'), [])
      assert.deepEqual(await find('u-1'), [carlo])
      assert.equal((await find('')).length, 4)
    })

    it('forgets a name that is no longer used', async (test) => {
      const { one, other } = await subject.open(test)
      await one.users.write({ id: BOB, name: 'Quentin' })
      await one.users.write({ id: BOB, name: 'Rob' })
      assert.deepEqual(await other.users.find('quen', 10), [])
      assert.deepEqual(await other.users.find('rob', 10), [{ id: BOB, name: 'Rob' }])
      await one.users.write({ id: BOB, name: 'BOB' })
      assert.deepEqual(await other.users.find('bob', 10), [{ id: BOB, name: 'BOB' }])
      await one.users.write({ id: BOB })
      assert.deepEqual(await other.users.find('bob', 10), [{ id: BOB }])
    })

    it('finds no more than asked for', async (test) => {
      const { one, other } = await subject.open(test)
      await Promise.all(
        Array.from({ length: 8 }, (_, index) => one.users.ensure(personNamed(`same-${index}`))),
      )
      assert.equal((await other.users.find('same', 5)).length, 5)
    })
  })
}
