import { ChatError } from '@satchel/protocol'
import type { Clock } from '../../ports/clock.ts'
import type { CommandLog, LogEntry, LogReader, LogRecord } from '../../ports/command-log.ts'
import { estimateCommandBytes } from './command-size.ts'

export interface EmbeddedCommandLogOptions {
  readonly clock: Clock
  readonly generation: number
  readonly partitions: number
  /** Settles when what is decided can be committed at once: what comes until then is one record. */
  readonly turn: () => Promise<void>
}

export interface EmbeddedCommandLog extends CommandLog {
  /** Refuses further commands, and settles when the readers are done with what they hold. */
  close(): Promise<void>
}

const MAX_UNDECIDED_COMMANDS = 10_000
const MAX_UNDECIDED_BYTES = 32 * 1024 * 1024
const MAX_RECORD_COMMANDS = 1_000
const MAX_RECORD_BYTES = 64 * 1024

type Take = (record: LogRecord) => Promise<void>

interface Waiting {
  readonly entry: LogEntry
  readonly bytes: number
}

/** A log in memory: a record is what gathered while the reader was busy. */
export function openEmbeddedCommandLog(options: EmbeddedCommandLogOptions): EmbeddedCommandLog {
  const bound = new UndecidedBound()
  const partitions = Array.from({ length: options.partitions }, () => new Partition(options, bound))
  let closed = false

  function partitionAt(index: number): Partition {
    const partition = partitions[index]
    if (partition === undefined) throw new ChatError('internal', `No partition ${index}`)
    return partition
  }

  return {
    durable: false,
    partitions: options.partitions,
    async append(partition, entry) {
      if (closed) throw new ChatError('unavailable', 'The command log is closed')
      partitionAt(partition).append(entry)
    },
    // Nothing outlives a generation, and of this one a reader is there from the start.
    read: (partition, _after, take) => partitionAt(partition).read(take),
    async close() {
      closed = true
      await Promise.all(partitions.map((partition) => partition.close()))
    },
  }
}

/** How much all partitions together hold undecided. */
class UndecidedBound {
  #commands = 0
  #bytes = 0

  /** Whether there was room. */
  enter(bytes: number): boolean {
    if (this.#commands >= MAX_UNDECIDED_COMMANDS || this.#bytes + bytes > MAX_UNDECIDED_BYTES)
      return false
    this.#commands++
    this.#bytes += bytes
    return true
  }

  leave(commands: number, bytes: number): void {
    this.#commands -= commands
    this.#bytes -= bytes
  }
}

class Partition {
  readonly #options: EmbeddedCommandLogOptions
  readonly #bound: UndecidedBound
  #waiting: Waiting[] = []
  #record = 0
  #refusing = false
  #take: Take | undefined
  #draining: Promise<void> | undefined

  constructor(options: EmbeddedCommandLogOptions, bound: UndecidedBound) {
    this.#options = options
    this.#bound = bound
  }

  append(entry: LogEntry): void {
    const bytes = estimateCommandBytes(entry.command)
    if (this.#refusing || !this.#bound.enter(bytes)) throw this.#refusal()
    this.#waiting.push({ entry, bytes })
    this.#wake()
  }

  /** Until the caller has heard of it nothing more is taken: what is smaller might still have room. */
  #refusal(): ChatError {
    this.#refusing = true
    setImmediate(() => {
      this.#refusing = false
    })
    return new ChatError('unavailable', 'As many commands wait as the log takes')
  }

  read(take: Take): LogReader {
    if (this.#take !== undefined) throw new ChatError('internal', 'The partition has a reader')
    this.#take = take
    this.#wake()
    // Every command that waits could become a record of its own.
    const lastRecord = (): number => this.#record + this.#waiting.length
    return {
      get lastRecord() {
        return lastRecord()
      },
      close: async () => {
        if (this.#take === take) await this.close()
      },
    }
  }

  async close(): Promise<void> {
    this.#take = undefined
    await this.#draining
  }

  get #isReadable(): boolean {
    return this.#take !== undefined && this.#waiting.length > 0
  }

  #wake(): void {
    if (this.#isReadable) this.#draining ??= this.#drain()
  }

  async #drain(): Promise<void> {
    // What else this turn of the loop brings goes into the same record.
    await new Promise((resolve) => setImmediate(resolve))
    while (this.#isReadable) {
      // A conversation that had decided sooner would let the rest of its commands miss that commit.
      await this.#options.turn()
      const take = this.#take
      if (take === undefined) break
      const batch = this.#nextBatch()
      const bytes = batch.reduce((sum, waiting) => sum + waiting.bytes, 0)
      const record: LogRecord = {
        kind: 'commands',
        generation: this.#options.generation,
        record: ++this.#record,
        timeMs: this.#options.clock.nowMs(),
        entries: batch.map(({ entry }) => entry),
        bytes,
      }
      try {
        await take(record)
      } catch {
        // A reader answers for its own failures; the log's part is to go on.
      }
      this.#bound.leave(batch.length, bytes)
    }
    this.#draining = undefined
    this.#wake()
  }

  #nextBatch(): readonly Waiting[] {
    let bytes = 0
    let count = 0
    for (const waiting of this.#waiting) {
      bytes += waiting.bytes
      if (count > 0 && (bytes > MAX_RECORD_BYTES || count >= MAX_RECORD_COMMANDS)) break
      count++
    }
    const batch = this.#waiting.slice(0, count)
    this.#waiting = this.#waiting.slice(count)
    return batch
  }
}
