import type { Timers } from '../runtime/index.ts'
import type { PartitionStart } from './epochs-in-force.ts'
import type { OwnerRoom } from './owner-room.ts'
import { PartitionOwner } from './partition-owner.ts'
import type { PartitionOwnerDeps } from './partition-owner-deps.ts'
import { PartitionUpkeep, type UpkeepDeps } from './partition-upkeep.ts'

export interface OwnedPartitionDeps extends Omit<PartitionOwnerDeps, 'telemetry'>, UpkeepDeps {
  readonly timers: Timers
  readonly telemetry: PartitionOwnerDeps['telemetry'] & UpkeepDeps['telemetry']
}

/** A claimed partition: its owner at work, and the log kept tidy behind it. */
export class OwnedPartition {
  readonly #timers: Timers
  readonly #owner: PartitionOwner
  readonly #upkeep: PartitionUpkeep

  constructor(
    deps: OwnedPartitionDeps,
    start: PartitionStart,
    { room, logRetentionMs }: { readonly room: OwnerRoom; readonly logRetentionMs: number },
  ) {
    this.#timers = deps.timers
    this.#owner = new PartitionOwner(deps, start, room)
    this.#upkeep = new PartitionUpkeep(deps, start.partition, start.record, logRetentionMs)
  }

  /** Does what is due; called a few times a second. */
  tick(): void {
    this.#owner.tick()
    this.#upkeep.tick(() => this.#owner.checkpoint)
  }

  announceAll(): void {
    this.#owner.announceAll()
  }

  /**
   * Finishes what was read and stores the exact checkpoint, where a successor begins. Past the deadline
   * it stops all the same: the successor then applies again what was not finished. True when it was.
   */
  async handOver(deadlineMs: number): Promise<boolean> {
    const late = Promise.withResolvers<false>()
    const cancel = this.#timers.after(deadlineMs, () => {
      late.resolve(false)
    })
    try {
      return await Promise.race([this.#finish(), late.promise])
    } finally {
      cancel()
      this.#owner.stop()
    }
  }

  async #finish(): Promise<boolean> {
    await this.#owner.close()
    const { checkpoint } = this.#owner
    await this.#upkeep.write(checkpoint)
    return checkpoint !== undefined
  }
}
