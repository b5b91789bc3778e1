import { fnv1a32 } from '../domain/fnv.ts'

/** How many partitions more than an even share one owner may have. */
const SLACK = 2

interface Bid {
  readonly partition: number
  readonly ownerId: string
  readonly score: number
}

/**
 * Who should own which partition: the same for everybody who knows of the same owners, whatever was
 * before. Rendezvous hashing with a bound: of all pairs of partition and owner the highest score is
 * dealt first, and nobody gets more than an even share and two. Who comes takes from the others, who
 * goes leaves to the others; between those who stay, only what the bound pushes out moves.
 */
export function assignPartitions(
  partitions: number,
  ownerIds: readonly string[],
): readonly (string | undefined)[] {
  const assigned: (string | undefined)[] = Array.from({ length: partitions }, () => undefined)
  const most = Math.ceil(partitions / ownerIds.length) + SLACK
  const loads = new Map<string, number>()
  for (const { partition, ownerId } of bidsOf(partitions, ownerIds)) {
    const load = loads.get(ownerId) ?? 0
    if (assigned[partition] !== undefined || load >= most) continue
    assigned[partition] = ownerId
    loads.set(ownerId, load + 1)
  }
  return assigned
}

/** Highest first. */
function bidsOf(partitions: number, ownerIds: readonly string[]): readonly Bid[] {
  const bids: Bid[] = []
  for (const ownerId of new Set(ownerIds)) {
    const hash = fnv1a32(ownerId)
    for (let partition = 0; partition < partitions; partition++)
      bids.push({ partition, ownerId, score: scoreOf(hash, partition) })
  }
  return bids.sort(compareBids)
}

function compareBids(one: Bid, other: Bid): number {
  if (one.score !== other.score) return other.score - one.score
  if (one.partition !== other.partition) return one.partition - other.partition
  return one.ownerId < other.ownerId ? -1 : 1
}

/** Every bit of the pair reaches every bit of the score (murmur3's finalizer, Austin Appleby). */
function scoreOf(ownerHash: number, partition: number): number {
  let mixed = ownerHash ^ Math.imul(partition + 1, 0x9e3779b1)
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}
