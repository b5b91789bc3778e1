import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { assignPartitions } from '../../src/owner/assign-partitions.ts'

const owners = (maxLength: number) =>
  fc.uniqueArray(fc.uuid(), { minLength: 1, maxLength, size: 'max' })

describe('partitions spread over owners', () => {
  it('are all owned, by nobody more than an even share and two', () => {
    fc.assert(
      fc.property(owners(20), fc.integer({ min: 1, max: 256 }), (ownerIds, partitions) => {
        const assigned = assignPartitions(partitions, ownerIds)
        assert.equal(assigned.length, partitions)
        const most = Math.ceil(partitions / ownerIds.length) + 2
        for (const load of loadsOf(assigned).values()) assert.ok(load <= most)
        for (const owner of assigned) assert.ok(owner !== undefined && ownerIds.includes(owner))
      }),
    )
  })

  it('are the same for everybody, in whatever order they heard of the owners', () => {
    fc.assert(
      fc.property(owners(8), (ownerIds) => {
        const expected = assignPartitions(64, ownerIds)
        assert.deepEqual(assignPartitions(64, ownerIds.toReversed()), expected)
      }),
    )
  })

  it('move to who comes, and hardly between those who were there', () => {
    const strays: number[] = []
    fc.assert(
      fc.property(owners(8), fc.uuid(), (ownerIds, newcomer) => {
        const before = assignPartitions(64, ownerIds)
        const after = assignPartitions(64, [...ownerIds, newcomer])
        const moved = after.filter((owner, partition) => owner !== before[partition])
        const stray = moved.filter((owner) => owner !== newcomer).length
        strays.push(stray)
        if (ownerIds.length === 1) assert.equal(stray, 0)
        assert.ok(stray <= 8, `${stray} moved between those who stay`)
      }),
      { numRuns: 1_000, seed: 42 },
    )
    const average = strays.reduce((sum, stray) => sum + stray, 0) / strays.length
    assert.ok(average < 2, `${average} moved between those who stay, on average`)
  })

  it('belong to nobody where nobody is', () => {
    assert.deepEqual(assignPartitions(2, []), [undefined, undefined])
  })
})

function loadsOf(assigned: readonly (string | undefined)[]): ReadonlyMap<string, number> {
  const loads = new Map<string, number>()
  for (const owner of assigned) {
    if (owner !== undefined) loads.set(owner, (loads.get(owner) ?? 0) + 1)
  }
  return loads
}
