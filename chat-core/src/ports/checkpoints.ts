import type { Epoch } from './command-log.ts'

/** Up to where a partition's log is done with: all of it is committed, and announced for the last time. */
export interface Checkpoint {
  readonly generation: number
  /** The last record that is not needed any more; 0: all are. */
  readonly record: number
  /** In force for the records that follow; absent before the first claim. */
  readonly epoch: Epoch | undefined
}

/**
 * How far owners have come. `write` settles when it is durable; one that is older (by generation, then
 * record) than what is stored changes nothing, whoever writes it and whenever it arrives.
 */
export interface Checkpoints {
  read(partition: number): Promise<Checkpoint | undefined>
  write(partition: number, checkpoint: Checkpoint): Promise<void>
}
