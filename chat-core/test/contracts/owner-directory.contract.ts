import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { OwnerDirectory } from '../../src/ports/owner-directory.ts'
import { eventually } from '../support/eventually.ts'
import type { ContractSubject } from './contract-subject.ts'

interface Ports {
  readonly directory: OwnerDirectory
}

const bella = { ownerId: 'bella-2', newestRecordVersion: 2 }
const anton = { ownerId: 'anton-1', newestRecordVersion: 1 }

/** What every `OwnerDirectory` keeps to. */
export function describeOwnerDirectory(name: string, subject: ContractSubject<Ports>): void {
  describe(`owner directory, ${name}`, () => {
    it('lists all that live, in the order of their ids, for everybody', async (test) => {
      const { one, other } = await subject.open(test)
      assert.deepEqual(await one.directory.list(), [])
      await one.directory.beat(bella)
      await other.directory.beat(anton)
      for (const { directory } of [one, other])
        await eventually(async () => assert.deepEqual(await directory.list(), [anton, bella]))
    })

    it('forgets who stops beating within seconds, and keeps who goes on', async (test) => {
      const { one, other, advance } = await subject.open(test)
      await one.directory.beat(bella)
      await one.directory.beat(anton)
      for (let beat = 0; beat < 6; beat++) {
        await advance(500)
        await one.directory.beat(anton)
        assert.ok((await other.directory.list()).some(({ ownerId }) => ownerId === anton.ownerId))
      }
      assert.deepEqual(await other.directory.list(), [anton])
    })

    it('forgets at once who leaves', async (test) => {
      const { one, other } = await subject.open(test)
      await one.directory.beat(bella)
      await other.directory.beat(anton)
      await one.directory.leave(bella.ownerId)
      assert.deepEqual(await one.directory.list(), [anton])
      await one.directory.leave('nobody')
      assert.deepEqual(await one.directory.list(), [anton])
    })

    it('tells watchers that somebody came or went, what was released, and what was taken over', async (test) => {
      const { one, other } = await subject.open(test)
      let changes = 0
      const released: number[] = []
      const takenOver: number[] = []
      const stop = other.directory.watch({
        changed: () => changes++,
        released: (partition) => released.push(partition),
        takenOver: (partition) => takenOver.push(partition),
      })
      await eventually(async () => {
        await one.directory.release(17)
        assert.ok(released.includes(17))
      })
      await one.directory.takeOver(23)
      await eventually(() => assert.deepEqual(takenOver, [23]))
      await one.directory.beat(bella)
      await eventually(() => assert.ok(changes > 0))
      const afterComing = changes
      await one.directory.leave(bella.ownerId)
      await eventually(() => assert.ok(changes > afterComing))
      stop()
      released.length = 0
      await one.directory.release(18)
      await other.directory.list()
      assert.deepEqual(released, [])
    })
  })
}
