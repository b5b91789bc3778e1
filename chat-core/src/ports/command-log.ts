import type { Command } from '../domain/command.ts'
import type { RulesSettings } from '../domain/decision.ts'

export type { LogPosition } from '../domain/log-position.ts'

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

/** Named by an epoch record: who owns the partition from there on, and by which rules commands are decided. */
export interface Epoch {
  /** The chat-core that claimed the partition, new with each of its starts. */
  readonly ownerId: string
  /** Version of `decide`. */
  readonly rulesVersion: number
  readonly settings: RulesSettings
}

interface RecordPlace {
  readonly generation: number
  readonly record: number
}

/** Commands that were appended together. */
export interface CommandRecord extends RecordPlace {
  readonly kind: 'commands'
  /** When the log took the record, in milliseconds; `decide`'s only clock. */
  readonly timeMs: number
  readonly entries: readonly LogEntry[]
  /** About what its commands take in memory; readers bound by it how much they hold. */
  readonly bytes: number
}

/** An owner claims the partition: whoever else owned it stops here. */
export interface EpochRecord extends RecordPlace {
  readonly kind: 'epoch'
  readonly timeMs: number
  readonly epoch: Epoch
}

/** Nothing can be read from here on: a format newer than this program, or records that are gone. */
export interface BrokenRecord extends RecordPlace {
  readonly kind: 'broken'
  readonly reason: 'unknown_version' | 'missing'
}

/** One record of a partition. */
export type LogRecord = CommandRecord | EpochRecord | BrokenRecord

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
 * - A command may be in a durable log twice when its process could not learn that it was there.
 * - Records are numbered without gaps within a generation, and generations grow.
 * - A reader gets each record after record `after` (0: all of this generation) once, in order; the next
 *   only after the promise it returned settled. After a `broken` one nothing follows.
 */
export interface CommandLog {
  /** Whether a settled `append` survives the death of every process. */
  readonly durable: boolean
  readonly partitions: number
  append(partition: number, entry: LogEntry): Promise<void>
  read(partition: number, after: number, take: (record: LogRecord) => Promise<void>): LogReader
}
