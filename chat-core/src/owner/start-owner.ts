import type { RulesSettings } from '../domain/decision.ts'
import type { CommandLog } from '../ports/command-log.ts'
import { createTimers, type Timers } from '../runtime/index.ts'
import { createOwnerRoom, type OwnerBounds } from './owner-room.ts'
import { PartitionOwner } from './partition-owner.ts'
import type { PartitionOwnerDeps } from './partition-owner-deps.ts'

const TICK_MS = 250

export interface OwnerDeps extends Omit<PartitionOwnerDeps, 'cluster' | 'heads' | 'timers'> {
  readonly commandLog: CommandLog
  readonly settings: RulesSettings
  readonly timers?: Timers | undefined
}

export interface RunningOwner {
  /** Stops reading, finishes what was read, announces every pending head. */
  close(): Promise<void>
}

/** Owns every partition of the log: the whole of it, where one process is all there is. */
export function startOwner(deps: OwnerDeps, bounds?: OwnerBounds): RunningOwner {
  const { commandLog, settings, timers = createTimers() } = deps
  const room = createOwnerRoom(bounds)
  // The backends' whole list of ports comes along; heads are read from the store here.
  const ownerDeps: PartitionOwnerDeps = { ...deps, timers, heads: undefined, cluster: undefined }
  const owners = Array.from({ length: commandLog.partitions }, (_, partition) => {
    const nothingBefore = { generation: 0, record: 0, epoch: undefined, claim: undefined }
    return new PartitionOwner(ownerDeps, { ...nothingBefore, partition, settings }, room)
  })
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
