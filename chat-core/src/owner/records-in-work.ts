import type { RulesSettings } from '../domain/decision.ts'
import type { CommandRecord } from '../ports/command-log.ts'
import type { UndecidedBound } from './undecided-bound.ts'

/** A record that was read, for as long as some of its commands are undecided. */
export interface RecordInWork {
  readonly generation: number
  readonly record: number
  readonly timeMs: number
  /** In force for its commands. */
  readonly settings: RulesSettings
  readonly bytesPerCommand: number
  undecided: number
}

/** The records of one partition that are in work, and what they hold of the process's bound. */
export class RecordsInWork {
  readonly #bound: UndecidedBound
  // In the order of their numbers, since they are read in it.
  readonly #records = new Map<number, RecordInWork>()
  #undecided = 0

  constructor(bound: UndecidedBound) {
    this.#bound = bound
  }

  /** Commands read and not decided. */
  get undecided(): number {
    return this.#undecided
  }

  /** Number of the first record that is in work. */
  get first(): number | undefined {
    for (const record of this.#records.keys()) return record
    return undefined
  }

  add(read: CommandRecord, settings: RulesSettings): RecordInWork {
    const { generation, record, timeMs, entries, bytes } = read
    const undecided = entries.length
    const bytesPerCommand = undecided === 0 ? 0 : Math.ceil(bytes / undecided)
    const origin = { generation, record, timeMs, settings, bytesPerCommand, undecided }
    if (undecided > 0) this.#records.set(record, origin)
    this.#undecided += undecided
    this.#bound.enter(undecided, undecided * bytesPerCommand)
    return origin
  }

  /** One command of the record is decided. */
  settle(origin: RecordInWork): void {
    this.#undecided--
    if (--origin.undecided === 0) this.#records.delete(origin.record)
    this.#bound.leave(1, origin.bytesPerCommand)
  }

  /** None of them will be decided here. */
  abandon(): void {
    for (const { undecided, bytesPerCommand } of this.#records.values())
      this.#bound.leave(undecided, undecided * bytesPerCommand)
    this.#records.clear()
    this.#undecided = 0
  }
}
