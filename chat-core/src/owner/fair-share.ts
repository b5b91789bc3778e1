import type { OwnerHeartbeat } from '../ports/owner-directory.ts'
import { assignPartitions } from './assign-partitions.ts'
import { LET_GO_INTERVAL_MS } from './claim-queue.ts'

/** Waiting for the present owner to let go, before claiming all the same. */
const LIVING_OWNER_MS = 2_000

interface Deal {
  readonly ownerIds: readonly string[]
  readonly assigned: readonly (string | undefined)[]
}

/** Which partitions one chat-core should own, as of the last time it knew who lives. */
export class FairShare {
  readonly #ownerId: string
  readonly #partitions: number
  #deal: Deal | undefined
  #before: Deal | undefined

  constructor(ownerId: string, partitions: number) {
    this.#ownerId = ownerId
    this.#partitions = partitions
  }

  /** Takes in who lives. False when that cannot be acted on: one is not seen to live oneself. */
  take(living: readonly OwnerHeartbeat[]): boolean {
    const newest = Math.max(...living.map(({ newestRecordVersion }) => newestRecordVersion))
    if (!living.some(({ ownerId }) => ownerId === this.#ownerId)) return false
    // Whoever cannot read what the others may write has no part in it.
    const capable = living.filter(({ newestRecordVersion }) => newestRecordVersion === newest)
    const ownerIds = capable.map(({ ownerId }) => ownerId)
    if (ownerIds.join() === this.#deal?.ownerIds.join()) return true
    const others = ownerIds.filter((ownerId) => ownerId !== this.#ownerId)
    this.#before = this.#deal ?? this.#dealTo(others)
    this.#deal = this.#dealTo(ownerIds)
    return true
  }

  includes(partition: number): boolean {
    return this.#deal?.assigned[partition] === this.#ownerId
  }

  /** How long to leave a partition to whoever had it before. */
  patienceMs(partition: number): number {
    const owner = this.#before?.assigned[partition]
    if (owner === undefined || owner === this.#ownerId) return 0
    // One that is gone may have left in good order, and be letting go just now.
    return this.#deal?.ownerIds.includes(owner) === true ? LIVING_OWNER_MS : LET_GO_INTERVAL_MS
  }

  #dealTo(ownerIds: readonly string[]): Deal {
    const assigned = ownerIds.length === 0 ? [] : assignPartitions(this.#partitions, ownerIds)
    return { ownerIds, assigned }
  }
}
