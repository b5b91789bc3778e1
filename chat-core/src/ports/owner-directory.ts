/** A chat-core that lives, and may own partitions. */
export interface OwnerHeartbeat {
  /** New with each start. */
  readonly ownerId: string
  /** The newest format of log records it can read. */
  readonly newestRecordVersion: number
}

export interface OwnerDirectoryWatcher {
  /** Somebody came or went. */
  changed(): void
  /** An owner has let go of a partition: everything it read is committed, its checkpoint exact. */
  released(partition: number): void
  /** An owner has claimed a partition, and serves it. */
  takenOver(partition: number): void
}

/**
 * Which chat-cores live. It says who should own what; the log alone says who does.
 *
 * - `beat` counts for two seconds; `leave` ends that at once.
 * - `list` gives all that live now, in the order of their ids. It rejects when that cannot be learned.
 * - `watch` is a hint, which saves waiting for the next `list`. The returned function ends it.
 */
export interface OwnerDirectory {
  beat(heartbeat: OwnerHeartbeat): Promise<void>
  leave(ownerId: string): Promise<void>
  list(): Promise<readonly OwnerHeartbeat[]>
  release(partition: number): Promise<void>
  takeOver(partition: number): Promise<void>
  watch(watcher: OwnerDirectoryWatcher): () => void
}
