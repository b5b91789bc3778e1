import { PartitionOwner, type OwnerBounds, type PartitionOwnerDeps } from './partition-owner.ts'

const TICK_MS = 250

export interface RunningOwner {
  /** Stops reading, finishes what was read, announces every pending head. */
  close(): Promise<void>
}

/** Owns every partition of the log: the whole of it, where one process is all there is. */
export function startOwner(deps: PartitionOwnerDeps, bounds?: OwnerBounds): RunningOwner {
  const owners = Array.from(
    { length: deps.commandLog.partitions },
    (_, partition) => new PartitionOwner(deps, partition, bounds),
  )
  const ticking = setInterval(() => {
    for (const owner of owners) owner.tick()
  }, TICK_MS)
  return {
    async close() {
      clearInterval(ticking)
      await Promise.all(owners.map((owner) => owner.close()))
    },
  }
}
