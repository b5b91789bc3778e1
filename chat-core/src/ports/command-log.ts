import type { Command } from '../domain/command.ts'

/** Where the answer of a command goes: a gateway of this boot, and its own number for the request. */
export interface AnswerAddress {
  readonly gatewayId: string
  readonly bootId: string
  readonly ticket: number
}

export interface LogEntry {
  readonly command: Command
  readonly answerTo: AnswerAddress | undefined
}

/** A place in the log: generation, record, index in the record; compared in this order. */
export interface LogPosition {
  readonly generation: number
  readonly record: number
  readonly index: number
}

/** One record of a partition: commands that were appended together. */
export interface LogRecord {
  readonly generation: number
  readonly record: number
  /** When the log took the record, in milliseconds; `decide`'s only clock. */
  readonly timeMs: number
  readonly entries: readonly LogEntry[]
}

export interface LogReader {
  /** No command that this process has appended so far is in a later record than this. */
  readonly lastRecord: number
  /** No record is given out after this settles. */
  close(): Promise<void>
}

/**
 * The ordered commands of each partition.
 *
 * - Commands appended one after another to a partition by one process are read in that order.
 * - `append` settles once the command is kept as well as this log keeps (`durable`); it rejects with a
 *   retryable `ChatError` when the command is not, or not known to be, in the log. After a rejection
 *   nothing that was appended to the partition later and before the rejection is in the log either.
 * - Records are numbered without gaps within a generation, and generations grow.
 * - A reader gets each record once, in order; the next only after the promise it returned settled.
 */
export interface CommandLog {
  /** Whether a settled `append` survives the death of every process. */
  readonly durable: boolean
  readonly partitions: number
  append(partition: number, entry: LogEntry): Promise<void>
  read(partition: number, take: (record: LogRecord) => Promise<void>): LogReader
}
