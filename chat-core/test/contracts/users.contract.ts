import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Backend } from '../../src/backends/backend.ts'
import { newPerson, personNamed } from '../support/people.ts'
import type { ContractSubject } from './contract-subject.ts'

type Ports = Pick<Backend, 'users'>

export function describeUsers(name: string, subject: ContractSubject<Ports>): void {
  describe(`users, ${name}`, () => {
    it('gives profiles in the order asked, nothing for those never seen', async (test) => {
      const { one, other } = await subject.open(test)
      const [alice, carol] = [newPerson('alice'), newPerson('carol')]
      const bob = { id: newPerson(), name: 'Bob', avatar: 'https://a/b.png', data: { team: 7 } }
      await one.users.write(bob)
      await one.users.ensure(alice)
      assert.deepEqual(await other.users.read([alice, carol, bob.id]), [
        { id: alice },
        undefined,
        bob,
      ])
    })

    it('writes a profile whole', async (test) => {
      const { one, other } = await subject.open(test)
      const id = newPerson('bob')
      await one.users.write({ id, name: 'Bob', avatar: 'x' })
      await one.users.write({ id, name: 'Robert' })
      assert.deepEqual(await other.users.read([id]), [{ id, name: 'Robert' }])
    })

    it('lets users write all of a profile but its data', async (test) => {
      const { one, other } = await subject.open(test)
      const [id, newcomer] = [newPerson('bob'), newPerson('carol')]
      const data = { team: 7 }
      await one.users.write({ id, name: 'Bob', avatar: 'x', data })
      const written = await other.users.writeOwn({ id, name: 'Robert' })
      assert.deepEqual([written.name, written.avatar, written.data], ['Robert', undefined, data])
      await other.users.writeOwn({ id: newcomer, name: 'Carol' })
      assert.deepEqual(await one.users.read([id, newcomer]), [
        { id, name: 'Robert', data },
        { id: newcomer, name: 'Carol' },
      ])
    })

    it('makes a user known without touching a profile', async (test) => {
      const { one, other } = await subject.open(test)
      const id = newPerson('bob')
      await Promise.all([one.users.write({ id, name: 'Bob' }), other.users.ensure(id)])
      await one.users.ensure(id)
      assert.deepEqual(await other.users.read([id]), [{ id, name: 'Bob' }])
    })

    it('finds people by the beginning of id or name, whatever the case, each once', async (test) => {
      const { one, other } = await subject.open(test)
      const tag = newTag()
      const [bob, carol] = [personNamed(`${tag}bob`), personNamed(`${tag}carol`)]
      const [zoe, carlo] = [personNamed(`${tag}zoë`), personNamed(`${tag}u-17`)]
      await one.users.write({ id: bob, name: `${tag}Bobby Tables` })
      await one.users.write({ id: zoe, name: `${tag}ZOË Ω` })
      await one.users.write({ id: carlo, name: `${tag}carlo` })
      await one.users.ensure(carol)
      const find = async (prefix: string) =>
        (await other.users.find(`${tag}${prefix}`, 10)).map(({ id }) => id).toSorted()
      assert.deepEqual(await find('CAR'), [carol, carlo])
      assert.deepEqual(await find('bob'), [bob])
      assert.deepEqual(await find('zoë ω'), [zoe])
      assert.deepEqual(await find('tables'), [])
      assert.deepEqual(await find('u-1'), [carlo])
      assert.equal((await find('')).length, 4)
      assert.equal((await other.users.find('', 4)).length, 4)
    })

    it('forgets a name that is no longer used', async (test) => {
      const { one, other } = await subject.open(test)
      const tag = newTag()
      const id = personNamed(`${tag}bob`)
      const find = (prefix: string) => other.users.find(`${tag}${prefix}`, 10)
      await one.users.write({ id, name: `${tag}Quentin` })
      await one.users.write({ id, name: `${tag}Rob` })
      assert.deepEqual(await find('quen'), [])
      assert.deepEqual(await find('rob'), [{ id, name: `${tag}Rob` }])
      await one.users.write({ id, name: `${tag}BOB` })
      assert.deepEqual(await find('bob'), [{ id, name: `${tag}BOB` }])
      await one.users.write({ id })
      assert.deepEqual(await find('bob'), [{ id }])
    })

    it('finds no more than asked for', async (test) => {
      const { one, other } = await subject.open(test)
      const tag = newTag()
      await Promise.all(
        Array.from({ length: 8 }, (_, index) => one.users.ensure(personNamed(`${tag}-${index}`))),
      )
      assert.equal((await other.users.find(tag, 5)).length, 5)
    })
  })
}

/** What names of one test begin with, and no others. */
function newTag(): string {
  return newPerson('t')
}
