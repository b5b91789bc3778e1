import type { Epoch } from './command-log.ts'

/** Which records of a partition are there; none when `lastRecord` is below `firstRecord`. */
export interface LogExtent {
  readonly generation: number
  readonly firstRecord: number
  /** Of all records there ever were in this generation. */
  readonly lastRecord: number
  /** Share of the room the partition may take, from 0 to 1. */
  readonly fullness: number
}

/**
 * A partition's log as its owners look after it.
 *
 * - `claim` appends an epoch record and gives its number; it settles when that is durable. When it
 *   rejects, the record may be in the log all the same.
 * - `purge` removes records up to and including `upTo` that the log took before `beforeMs`; it may leave
 *   some of them.
 */
export interface PartitionLog {
  /** Rejects with `unavailable` when the log cannot be asked, and when there is none. */
  extent(partition: number): Promise<LogExtent>
  claim(partition: number, epoch: Epoch): Promise<number>
  purge(partition: number, upTo: number, beforeMs: number): Promise<void>
}
