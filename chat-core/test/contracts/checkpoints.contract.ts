import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Checkpoint, Checkpoints } from '../../src/ports/checkpoints.ts'
import type { ContractSubject } from './contract-subject.ts'

interface Ports {
  readonly checkpoints: Checkpoints
}

export function describeCheckpoints(name: string, subject: ContractSubject<Ports>): void {
  describe(`checkpoints, ${name}`, () => {
    it('gives nothing for a partition that never had one', async (test) => {
      const { one } = await subject.open(test)
      assert.equal(await one.checkpoints.read(newPartition()), undefined)
    })

    it('gives back the latest, with and without an epoch', async (test) => {
      const { one, other } = await subject.open(test)
      const partition = newPartition()
      for (const checkpoint of [at(1, 0), at(1, 7, 'core-1'), at(1, 8, 'core-2'), at(2, 0)]) {
        await one.checkpoints.write(partition, checkpoint)
        assert.deepEqual(await other.checkpoints.read(partition), checkpoint)
      }
    })

    it('changes nothing by one that is older, whoever writes it', async (test) => {
      const { one, other } = await subject.open(test)
      const partition = newPartition()
      const latest = at(2, 5, 'core-2')
      await one.checkpoints.write(partition, latest)
      for (const late of [at(2, 4, 'core-1'), at(1, 900, 'core-1'), latest]) {
        await other.checkpoints.write(partition, late)
        assert.deepEqual(await one.checkpoints.read(partition), latest)
      }
    })

    it('ends with the latest of those that come at once', async (test) => {
      const { one, other } = await subject.open(test)
      const partition = newPartition()
      const records = [3, 9, 1, 7, 10, 2]
      await Promise.all(
        records.map((record, index) =>
          (index % 2 === 0 ? one : other).checkpoints.write(partition, at(1, record, 'core-1')),
        ),
      )
      assert.deepEqual(await one.checkpoints.read(partition), at(1, 10, 'core-1'))
    })

    it('keeps partitions apart', async (test) => {
      const { one, other } = await subject.open(test)
      const [first, second] = [newPartition(), newPartition()]
      await one.checkpoints.write(first, at(1, 1))
      assert.equal(await other.checkpoints.read(second), undefined)
    })
  })
}

/** One that no other test uses. */
function newPartition(): number {
  return Math.floor(Math.random() * 2 ** 31)
}

function at(generation: number, record: number, ownerId?: string): Checkpoint {
  const settings = {
    clientsMayCreateGroups: true,
    historyForNewcomers: false,
    eraseBlanksMessages: true,
  }
  const epoch = ownerId === undefined ? undefined : { ownerId, rulesVersion: 3, settings }
  return { generation, record, epoch }
}
