import { ChatError } from '@satchel/protocol'
import type {
  CommandLog,
  Epoch,
  LogEntry,
  LogReader,
  LogRecord,
} from '../../src/ports/command-log.ts'
import type { PartitionLog } from '../../src/ports/partition-log.ts'
import type { SimulatedProcess } from './simulated-process.ts'
import type { World } from './world.ts'

export type KeptRecord = Exclude<LogRecord, { readonly kind: 'broken' }>

type Body =
  | { readonly kind: 'commands'; readonly entries: readonly LogEntry[] }
  | { readonly kind: 'epoch'; readonly epoch: Epoch }

const GENERATION = 1
/** As short as it must not be in production: what is retried later is there twice. */
const DUPLICATE_WINDOW_MS = 1_000
const ATTEMPTS = 3

interface Partition {
  readonly records: KeptRecord[]
  readonly taken: Map<string, { readonly record: number; readonly atMs: number }>
  readonly waiting: (() => void)[]
  readonly garbled: Set<number>
  /** Up to here records were purged. */
  purged: number
}

/** The log's server: it numbers what arrives, in the order in which it arrives. */
export class SimulatedLog {
  readonly partitions: readonly Partition[]
  readonly #world: World
  #appendedMs = 0

  constructor(world: World, partitions: number) {
    this.#world = world
    this.partitions = Array.from({ length: partitions }, () => ({
      records: [],
      taken: new Map(),
      waiting: [],
      garbled: new Set(),
      purged: 0,
    }))
  }

  /** Since the last record. */
  get quietMs(): number {
    return this.#world.nowMs - this.#appendedMs
  }

  append(index: number, messageId: string, body: Body): number {
    const partition = this.#partition(index)
    const nowMs = this.#world.nowMs
    const known = partition.taken.get(messageId)
    if (known !== undefined && nowMs - known.atMs < DUPLICATE_WINDOW_MS) return known.record
    const record = partition.records.length + 1
    const place = { generation: GENERATION, record, timeMs: this.#world.timeOfDayMs }
    partition.records.push(
      body.kind === 'epoch'
        ? { ...place, ...body }
        : { ...place, ...body, bytes: 100 * body.entries.length },
    )
    this.#appendedMs = nowMs
    partition.taken.set(messageId, { record, atMs: nowMs })
    for (const wake of partition.waiting.splice(0)) wake()
    return record
  }

  /** The next record will be of a format that nobody here can read. */
  garbleNext(index: number): void {
    const { records, garbled } = this.#partition(index)
    garbled.add(records.length + 1)
  }

  /** Gives the record once it is there. */
  whenThere(index: number, record: number, give: (record: LogRecord) => void): void {
    const partition = this.#partition(index)
    const found = partition.records[record - 1]
    if (partition.garbled.has(record))
      give({ kind: 'broken', generation: GENERATION, record, reason: 'unknown_version' })
    else if (record <= partition.purged)
      give({ kind: 'broken', generation: GENERATION, record, reason: 'missing' })
    else if (found !== undefined) give(found)
    else partition.waiting.push(() => this.whenThere(index, record, give))
  }

  extent(index: number) {
    const { records, purged } = this.#partition(index)
    return {
      generation: GENERATION,
      firstRecord: purged + 1,
      lastRecord: records.length,
      fullness: (records.length - purged) / 1_000,
    }
  }

  purge(index: number, upTo: number, beforeMs: number): void {
    const partition = this.#partition(index)
    for (const { record, timeMs } of partition.records)
      if (record <= upTo && timeMs < beforeMs) partition.purged = Math.max(partition.purged, record)
  }

  #partition(index: number): Partition {
    const partition = this.partitions[index]
    if (partition === undefined) throw new Error(`no partition ${index}`)
    return partition
  }
}

export interface SimulatedCommandLogOptions {
  readonly process: SimulatedProcess
  readonly log: SimulatedLog
  /** Whether a reader is shown this record. */
  readonly shows: (record: LogRecord) => boolean
}

/** One process's end of the log. Like the real one: one batch in flight, and none past a failed one. */
export function openSimulatedCommandLog(options: SimulatedCommandLogOptions): CommandLog {
  const { process, log } = options
  const publishers = log.partitions.map((_, partition) => new Publisher(process, log, partition))
  return {
    durable: true,
    partitions: log.partitions.length,
    append: (partition, entry) => publishers[partition]!.append(entry),
    read: (partition, after, take) => readRecords(options, partition, after, take),
  }
}

function readRecords(
  { process, log, shows }: SimulatedCommandLogOptions,
  partition: number,
  after: number,
  take: (record: LogRecord) => Promise<void>,
): LogReader {
  const { world } = process
  const random = world.random
  let isClosed = false
  const readOn = (next: number): void => {
    log.whenThere(partition, next, (record) => {
      world.after(random.between(1, 3), () => {
        process.deliver(() => {
          if (isClosed) return
          if (!shows(record)) readOn(next + 1)
          else
            take(record).then(
              () => record.kind !== 'broken' && readOn(next + 1),
              (error: unknown) => world.violated(`a reader failed: ${String(error)}`),
            )
        })
      })
    })
  }
  readOn(after + 1)
  return {
    lastRecord: Number.MAX_SAFE_INTEGER,
    close: async () => {
      isClosed = true
    },
  }
}

interface Waiting {
  readonly entry: LogEntry
  readonly resolve: () => void
  readonly reject: (error: ChatError) => void
}

class Publisher {
  readonly #process: SimulatedProcess
  readonly #log: SimulatedLog
  readonly #partition: number
  #queue: Waiting[] = []
  #batches = 0
  #isPublishing = false

  constructor(process: SimulatedProcess, log: SimulatedLog, partition: number) {
    this.#process = process
    this.#log = log
    this.#partition = partition
  }

  append(entry: LogEntry): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ entry, resolve, reject })
      if (!this.#isPublishing) void this.#publish()
    })
  }

  async #publish(): Promise<void> {
    this.#isPublishing = true
    while (this.#queue.length > 0) {
      const batch = this.#queue.splice(0, this.#process.world.random.between(1, 6))
      const settled = await this.#send(batch.map(({ entry }) => entry))
      if (settled) for (const { resolve } of batch) resolve()
      else {
        const error = new ChatError('retry', 'the log does not answer')
        for (const { reject } of [...batch, ...this.#queue.splice(0)]) reject(error)
      }
    }
    this.#isPublishing = false
  }

  async #send(entries: readonly LogEntry[]): Promise<boolean> {
    const messageId = `${this.#process.id}/${this.#partition}/${++this.#batches}`
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      try {
        await this.#process.call('log', `append ${messageId}: ${entries.map(keyOf).join()}`, () =>
          this.#log.append(this.#partition, messageId, { kind: 'commands', entries }),
        )
        return true
      } catch {
        // Not known to be there: the same again, under the same id.
      }
    }
    return false
  }
}

export function openSimulatedPartitionLog(
  process: SimulatedProcess,
  log: SimulatedLog,
): PartitionLog {
  let claims = 0
  return {
    extent: (partition) =>
      process.call('log', `extent of ${partition}`, () => log.extent(partition)),
    claim: (partition, epoch) => {
      const messageId = `${process.id}/claim/${++claims}`
      return process.call('log', `claim ${partition}`, () =>
        log.append(partition, messageId, { kind: 'epoch', epoch }),
      )
    },
    purge: (partition, upTo, beforeMs) =>
      process.call('log', `purge ${partition} up to ${upTo}`, () =>
        log.purge(partition, upTo, beforeMs),
      ),
  }
}

function keyOf({ command: { key } }: LogEntry): string {
  return key.kind === 'outbox' ? `${key.outbox}:${key.counter}` : key.kind
}
