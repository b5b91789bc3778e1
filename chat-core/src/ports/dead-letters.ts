import type { LogEntry, LogPosition } from './command-log.ts'

/** A command that made the rules throw, and was refused for that. */
export interface DeadLetter {
  /** Names the fault in logs and in the command's answer; the same whoever met it. */
  readonly faultId: string
  readonly partition: number
  readonly position: LogPosition
  readonly entry: LogEntry
  /** What was thrown. */
  readonly reason: string
}

/** Commands kept aside for whoever repairs the rules. `add` settles when it is durable; twice is once. */
export interface DeadLetters {
  add(letter: DeadLetter): Promise<void>
}
