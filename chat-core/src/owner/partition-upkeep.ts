import type { Checkpoint, Checkpoints } from '../ports/checkpoints.ts'
import type { Clock } from '../ports/clock.ts'
import type { PartitionLog } from '../ports/partition-log.ts'
import type { MonotonicClock } from '../runtime/index.ts'
import { isCrowded, purgeableBeforeMs } from './purgeable-before.ts'

export interface UpkeepDeps {
  readonly checkpoints: Pick<Checkpoints, 'write'>
  readonly partitionLog: Pick<PartitionLog, 'extent' | 'purge'>
  readonly clock: Clock
  readonly timers: MonotonicClock
  readonly telemetry: { upkeepFailed(partition: number, error: unknown): void }
}

const CHECKPOINT_INTERVAL_MS = 5_000
const PURGE_INTERVAL_MS = 60_000

/** Stores how far a partition's owner has come, and lets go of the records below. */
export class PartitionUpkeep {
  readonly #deps: UpkeepDeps
  readonly #partition: number
  readonly #logRetentionMs: number
  /** As stored. */
  #record: number
  #isWorking = false
  #isCrowded = false
  #checkpointedMs: number
  #purgedMs: number

  constructor(deps: UpkeepDeps, partition: number, record: number, logRetentionMs: number) {
    this.#deps = deps
    this.#partition = partition
    this.#record = record
    this.#logRetentionMs = logRetentionMs
    this.#checkpointedMs = deps.timers.elapsedMs()
    this.#purgedMs = this.#checkpointedMs
  }

  /** Does what is due; called a few times a second. What fails is due again later. */
  tick(read: () => Checkpoint | undefined): void {
    const nowMs = this.#deps.timers.elapsedMs()
    if (this.#isWorking || nowMs - this.#checkpointedMs < CHECKPOINT_INTERVAL_MS) return
    this.#checkpointedMs = nowMs
    this.#isWorking = true
    this.#work(read(), nowMs)
      .catch((error: unknown) => {
        this.#deps.telemetry.upkeepFailed(this.#partition, error)
      })
      .finally(() => {
        this.#isWorking = false
      })
  }

  /** Stores the checkpoint if it is further than what is stored. */
  async write(checkpoint: Checkpoint | undefined): Promise<void> {
    if (checkpoint === undefined || checkpoint.record <= this.#record) return
    await this.#deps.checkpoints.write(this.#partition, checkpoint)
    this.#record = Math.max(this.#record, checkpoint.record)
  }

  async #work(checkpoint: Checkpoint | undefined, nowMs: number): Promise<void> {
    await this.write(checkpoint)
    if (!this.#isCrowded && nowMs - this.#purgedMs < PURGE_INTERVAL_MS) return
    this.#purgedMs = nowMs
    const { partitionLog, clock } = this.#deps
    const { fullness } = await partitionLog.extent(this.#partition)
    this.#isCrowded = isCrowded(fullness)
    const beforeMs = purgeableBeforeMs(clock.nowMs(), fullness, this.#logRetentionMs)
    await partitionLog.purge(this.#partition, this.#record, beforeMs)
  }
}
