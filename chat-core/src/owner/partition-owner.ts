import { ChatError, type ConversationId } from '@satchel/protocol'
import type { Checkpoint } from '../ports/checkpoints.ts'
import type {
  CommandRecord,
  LogEntry,
  LogPosition,
  LogReader,
  LogRecord,
} from '../ports/command-log.ts'
import type { StoredConversation } from '../ports/conversation-store.ts'
import type { DeadLetter } from '../ports/dead-letters.ts'
import type { UnknownOutcome } from '../ports/gateway-bus.ts'
import { ConversationLane, type LaneDeps } from './conversation-lane.ts'
import { answer } from './deliver.ts'
import { Deliveries } from './deliveries.ts'
import { EpochsInForce, type PartitionStart } from './epochs-in-force.ts'
import type { Decided, QueuedEntry } from './held-conversation.ts'
import { LateRefusals } from './late-refusals.ts'
import { OwnerLife } from './owner-life.ts'
import type { OwnerRoom } from './owner-room.ts'
import type { PartitionEnd } from './partition-end.ts'
import type { OwnerClusterDeps, PartitionOwnerDeps } from './partition-owner-deps.ts'
import { QuestionDesk } from './question-desk.ts'
import { RecordsInWork } from './records-in-work.ts'

/**
 * Applies the commands of one partition: consume → decide → commit → deliver, conversations side by
 * side, each in order. Nobody is told of anything that is not committed.
 *
 * It stops by itself, at once and for good, when it reads that another has claimed the partition, and
 * when its log is not what it has to be.
 */
export class PartitionOwner {
  readonly #deps: PartitionOwnerDeps
  readonly #start: PartitionStart
  readonly #room: OwnerRoom
  readonly #life: OwnerLife
  readonly #laneDeps: LaneDeps
  readonly #createLane: (id: ConversationId) => ConversationLane
  readonly #records: RecordsInWork
  readonly #epochs: EpochsInForce
  readonly #deliveries: Deliveries
  readonly #desk: QuestionDesk
  readonly #refusals = new LateRefusals()
  readonly #reader: LogReader
  #lastRead: number
  #isClosing = false
  #resume: (() => void) | undefined
  #idle: (() => void) | undefined
  #stopServing: (() => void) | undefined

  constructor(deps: PartitionOwnerDeps, start: PartitionStart, room: OwnerRoom) {
    this.#deps = deps
    this.#start = start
    this.#room = room
    this.#life = new OwnerLife(deps.timers)
    this.#laneDeps = this.#createLaneDeps()
    this.#createLane = (id) => new ConversationLane(id, this.#laneDeps)
    this.#records = new RecordsInWork(room.undecided)
    this.#epochs = new EpochsInForce(start)
    this.#deliveries = new Deliveries(deps)
    this.#desk = new QuestionDesk({
      life: this.#life,
      takeLane: (id) => this.#lane(id),
      settleLane: (lane) => {
        room.lanes.settle(lane)
      },
    })
    this.#lastRead = start.record
    this.#reader = deps.commandLog.read(start.partition, start.record, (record) =>
      this.#take(record),
    )
  }

  /** Announces what is due; called a few times a second. */
  tick(): void {
    this.#deliveries.tick()
  }

  /** The bus may have lost what was said lately: says again where all those conversations stand. */
  announceAll(): void {
    this.#deliveries.announceAll()
  }

  /**
   * Just below what a successor would have to read: not yet committed, or not announced for the last
   * time. Unknown once the owner has stopped.
   */
  get checkpoint(): Checkpoint | undefined {
    if (this.#life.ended) return undefined
    const { first = Number.POSITIVE_INFINITY } = this.#records
    const { lowestRecord = Number.POSITIVE_INFINITY } = this.#deliveries
    const record = Math.min(first - 1, lowestRecord - 1, this.#lastRead)
    return { generation: this.#start.generation, record, epoch: this.#epochs.advance(record) }
  }

  /** Stops reading, finishes what was read, announces every pending head: the checkpoint is exact then. */
  async close(): Promise<void> {
    this.#isClosing = true
    this.#stopServing?.()
    this.#resume?.()
    await this.#reader.close()
    if (this.#records.undecided > 0) {
      await new Promise<void>((resolve) => {
        this.#idle = resolve
      })
    }
    await this.#deliveries.finish()
  }

  /** Nothing more is read, committed or answered. */
  stop(): void {
    if (this.#life.ended) return
    this.#life.end()
    this.#stopServing?.()
    this.#records.abandon()
    this.#room.lanes.forgetAll(this.#laneDeps)
    this.#resume?.()
    this.#idle?.()
    // Whatever it still gives out is not taken.
    this.#reader.close().catch(() => undefined)
  }

  #end(end: PartitionEnd): void {
    if (this.#life.ended) return
    this.stop()
    this.#deps.cluster?.ended(end)
  }

  #createLaneDeps(): LaneDeps {
    const { conversations, timeline, telemetry, cluster } = this.#deps
    return {
      conversations,
      timeline,
      deadLetters: cluster?.deadLetters,
      life: this.#life,
      admit: (stored) => this.#admit(stored),
      committed: (lane, decided) => {
        this.#committed(lane, decided)
      },
      skipped: (lane, skipped) => {
        this.#deliveries.skipped(lane.view, skipped)
        this.#settle(lane, skipped)
      },
      refused: (lane, entries, error) => {
        this.#refused(lane, entries, error)
      },
      failed: (lane, attempts, error) => {
        telemetry.storeFailed(lane.id, attempts, error)
      },
      poisoned: (entry, position, error) => this.#poisoned(entry, position, error),
    }
  }

  async #take(record: LogRecord): Promise<void> {
    if (this.#life.ended || this.#isClosing) return
    switch (record.kind) {
      case 'commands':
        this.#lastRead = record.record
        this.#takeCommands(record)
        break
      case 'epoch': {
        const end = this.#epochs.take(record)
        if (end !== undefined) {
          this.#end(end)
          return
        }
        this.#lastRead = record.record
        if (record.record === this.#start.claim?.record) this.#serve()
        break
      }
      case 'broken': {
        const isUnknown = record.reason === 'unknown_version'
        const reason = isUnknown ? 'unknown_record_version' : 'records_missing'
        this.#end({ kind: 'refused', reason })
        return
      }
      default:
        record satisfies never
    }
    if (this.#room.undecided.isFull) await this.#awaitRoom()
  }

  #takeCommands(record: CommandRecord): void {
    this.#refusals.advance(record.record)
    const origin = this.#records.add(record, this.#epochs.settings)
    const touched = new Set<ConversationLane>()
    for (const [index, entry] of record.entries.entries()) {
      if (this.#refusals.has(entry.command.conversationId)) {
        this.#refuseLate(entry)
        this.#records.settle(origin)
        continue
      }
      const lane = this.#lane(entry.command.conversationId)
      lane.push({ entry, origin, index })
      touched.add(lane)
    }
    for (const lane of touched) void lane.run()
  }

  #lane(id: ConversationId): ConversationLane {
    return this.#room.lanes.take(id, this.#createLane)
  }

  /** Everything before the own claim is in the lanes: no predecessor has told of anything newer. */
  #serve(): void {
    this.#stopServing = this.#deps.cluster?.requests.serve(this.#start.partition, (questions) =>
      this.#desk.answer(questions),
    )
  }

  /** Waits for room, but not with nothing in work: no partition waits for another's commands alone. */
  async #awaitRoom(): Promise<void> {
    const { undecided } = this.#room
    while (undecided.isFull && this.#records.undecided > 0 && !this.#life.ended) {
      if (this.#isClosing) return
      const woken = Promise.withResolvers<undefined>()
      const wake = (): void => {
        woken.resolve(undefined)
      }
      this.#resume = wake
      undecided.wait(wake)
      await woken.promise
      // There may be no room yet: its own work is done, or the owner has ended.
      undecided.stopWaiting(wake)
    }
  }

  /** In the cluster, refuses a state from beyond the log: it was committed by commands that are gone. */
  #admit({ position }: StoredConversation): Promise<void> | undefined {
    const { cluster } = this.#deps
    if (cluster === undefined || position.generation < this.#start.generation) return undefined
    const isRead =
      position.generation === this.#start.generation && position.record <= this.#lastRead
    return isRead ? undefined : this.#requireInLog(cluster, position)
  }

  async #requireInLog({ partitionLog }: OwnerClusterDeps, position: LogPosition): Promise<void> {
    const { generation, lastRecord } = await partitionLog.extent(this.#start.partition)
    if (position.generation === generation && position.record <= lastRecord) return
    this.#end({ kind: 'refused', reason: 'log_behind_state' })
    const { record } = position
    throw new ChatError('internal', `the log ends before record ${record} of a stored conversation`)
  }

  #committed(lane: ConversationLane, decided: readonly Decided[]): void {
    let events = 0
    for (const { decision } of decided) events += decision.events.length
    this.#deliveries.committed(lane.view, decided)
    this.#deps.telemetry.committed(decided.length, events)
    this.#settle(lane, decided)
  }

  #refused(lane: ConversationLane, entries: readonly QueuedEntry[], error: unknown): void {
    const outcome = outcomeOf(error)
    this.#refusals.add(lane.id, () => this.#reader.lastRecord)
    for (const { entry } of entries) answer(this.#deps, entry, outcome)
    this.#deps.telemetry.commitFailed(lane.id, entries.length, outcome)
    this.#settle(lane, entries)
  }

  #refuseLate(entry: LogEntry): void {
    const message = 'an earlier command of the conversation could not be committed'
    answer(this.#deps, entry, { kind: 'unknown', code: 'retry', message })
  }

  #settle(lane: ConversationLane, entries: readonly Pick<QueuedEntry, 'origin'>[]): void {
    for (const { origin } of entries) this.#records.settle(origin)
    this.#room.lanes.settle(lane)
    if (this.#records.undecided > 0) return
    this.#resume?.()
    this.#idle?.()
  }

  #poisoned(entry: LogEntry, position: LogPosition, error: unknown): DeadLetter {
    const { partition } = this.#start
    const { generation, record, index } = position
    // Said by the position, so that whoever applies the command again answers the same.
    const faultId = [generation, partition, record, index].join('-')
    this.#deps.telemetry.commandPoisoned(faultId, entry, error)
    return { faultId, partition, position, entry, reason: String(error) }
  }
}

function outcomeOf(error: unknown): UnknownOutcome {
  return error instanceof ChatError && error.retryable
    ? { kind: 'unknown', code: error.code, message: error.message }
    : {
        kind: 'unknown',
        code: 'retry',
        message: 'the command could not be committed; send it again',
      }
}
