import type { ConversationId } from '@satchel/protocol'
import type { RulesSettings } from '../domain/decision.ts'
import type { Clock } from '../ports/clock.ts'
import type { CommandLog, LogEntry, LogReader, LogRecord } from '../ports/command-log.ts'
import type { ConversationStore } from '../ports/conversation-store.ts'
import type { UnknownOutcome } from '../ports/gateway-bus.ts'
import type { Timeline } from '../ports/timeline.ts'
import { ConversationLane, type LaneDeps } from './conversation-lane.ts'
import {
  announceHead,
  answer,
  deliver,
  type ConversationView,
  type Decided,
  type DeliverDeps,
} from './deliver.ts'
import { HeadAnnouncer } from './head-announcer.ts'
import { LaneCache } from './lane-cache.ts'
import { ReactionCounts } from './reaction-counts.ts'

export interface OwnerTelemetry {
  committed(commands: number, events: number): void
  commitFailed(conversationId: ConversationId, commands: number, outcome: UnknownOutcome): void
  deliveryFailed(conversationId: ConversationId | undefined, error: unknown): void
  /** Gives the id under which the fault is found. */
  commandPoisoned(entry: LogEntry, error: unknown): string
}

export interface PartitionOwnerDeps extends DeliverDeps {
  readonly commandLog: CommandLog
  readonly conversations: ConversationStore
  readonly timeline: Timeline
  readonly clock: Clock
  readonly settings: RulesSettings
  readonly telemetry: OwnerTelemetry
}

/** How much an owner holds at most. */
export interface OwnerBounds {
  readonly maxConversations: number
  /** Members, remembered answers and facts of all conversations held: some 200 bytes each. */
  readonly maxWeight: number
  /** Reading pauses at this many undecided commands. */
  readonly maxUndecided: number
}

export const DEFAULT_OWNER_BOUNDS: OwnerBounds = {
  maxConversations: 100_000,
  maxWeight: 2_000_000,
  maxUndecided: 10_000,
}

/**
 * Applies the commands of one partition: consume → decide → commit → deliver, conversations side by
 * side, each in order. Nobody is told of anything that is not committed.
 */
export class PartitionOwner {
  readonly #deps: PartitionOwnerDeps
  readonly #bounds: OwnerBounds
  readonly #lanes: LaneCache
  readonly #announcer: HeadAnnouncer<ConversationId, ConversationView>
  readonly #reactionCounts: ReactionCounts
  // A conversation's deliveries must not overtake each other: each waits for the one before.
  readonly #deliveries = new Map<ConversationId, Promise<void>>()
  // Up to which record a conversation's commands are refused: they may have been appended behind one
  // whose commit failed, and would overtake it.
  readonly #refusedUntil = new Map<ConversationId, number>()
  readonly #reader: LogReader
  #undecided = 0
  #resume: (() => void) | undefined
  #idle: (() => void) | undefined

  constructor(
    deps: PartitionOwnerDeps,
    partition: number,
    bounds: OwnerBounds = DEFAULT_OWNER_BOUNDS,
  ) {
    this.#deps = deps
    this.#bounds = bounds
    this.#reactionCounts = new ReactionCounts(deps)
    const laneDeps = this.#laneDeps()
    this.#lanes = new LaneCache(
      (id) => new ConversationLane(id, laneDeps),
      bounds.maxConversations,
      bounds.maxWeight,
    )
    this.#announcer = new HeadAnnouncer((view, last) => {
      this.#inOrder(view.id, () => announceHead(deps, view, last))
    })
    this.#reader = deps.commandLog.read(partition, 0, (record) => this.#take(record))
  }

  /** Announces what is due; called a few times a second. */
  tick(): void {
    const nowMs = this.#deps.clock.nowMs()
    this.#announcer.tick(nowMs)
    this.#reactionCounts.tick(nowMs).catch((error: unknown) => {
      this.#deps.telemetry.deliveryFailed(undefined, error)
    })
  }

  /** Stops reading, finishes what was read, and announces every pending head. */
  async close(): Promise<void> {
    await this.#reader.close()
    if (this.#undecided > 0) {
      await new Promise<void>((resolve) => {
        this.#idle = resolve
      })
    }
    this.#announcer.flush()
    await Promise.all(this.#deliveries.values())
  }

  #laneDeps(): LaneDeps {
    const { conversations, timeline, settings, telemetry } = this.#deps
    return {
      conversations,
      timeline,
      settings,
      committed: (lane, decided) => {
        this.#committed(lane, decided)
      },
      refused: (lane, entries, outcome) => {
        this.#refused(lane, entries, outcome)
      },
      poisoned: (entry, error) => telemetry.commandPoisoned(entry, error),
    }
  }

  async #take(record: LogRecord): Promise<void> {
    if (record.kind !== 'commands') return
    for (const [id, until] of this.#refusedUntil)
      if (until < record.record) this.#refusedUntil.delete(id)
    const touched = new Set<ConversationLane>()
    for (const [index, entry] of record.entries.entries()) {
      if (this.#refuseLate(entry)) continue
      const lane = this.#lanes.take(entry.command.conversationId)
      const position = { generation: record.generation, record: record.record, index }
      lane.push({ entry, position, timeMs: record.timeMs })
      touched.add(lane)
      this.#undecided++
    }
    for (const lane of touched) void lane.run()
    if (this.#undecided < this.#bounds.maxUndecided) return
    await new Promise<void>((resolve) => {
      this.#resume = resolve
    })
  }

  #committed(lane: ConversationLane, decided: readonly Decided[]): void {
    const { view } = lane
    let events = 0
    for (const { entry, decision } of decided) {
      events += decision.events.length
      if (decision.events.length === 0) {
        for (const { target } of decision.reactions) this.#reactionCounts.touch(lane.id, target)
      }
      answer(this.#deps, entry, decision.answer)
    }
    if (view !== undefined) {
      if (events > 0) this.#announcer.touch(lane.id, view, this.#deps.clock.nowMs())
      this.#inOrder(lane.id, () => deliver(this.#deps, view, decided))
    }
    this.#deps.telemetry.committed(decided.length, events)
    this.#decided(lane, decided.length)
  }

  #refused(lane: ConversationLane, entries: readonly LogEntry[], outcome: UnknownOutcome): void {
    this.#refusedUntil.set(lane.id, Number.POSITIVE_INFINITY)
    for (const entry of entries) answer(this.#deps, entry, outcome)
    // Once the gateways have heard of it they append nothing more without a restart.
    setImmediate(() => this.#refusedUntil.set(lane.id, this.#reader.lastRecord))
    this.#deps.telemetry.commitFailed(lane.id, entries.length, outcome)
    this.#decided(lane, entries.length)
  }

  #refuseLate(entry: LogEntry): boolean {
    if (!this.#refusedUntil.has(entry.command.conversationId)) return false
    const message = 'an earlier command of the conversation could not be committed'
    answer(this.#deps, entry, { kind: 'unknown', code: 'retry', message })
    return true
  }

  #decided(lane: ConversationLane, count: number): void {
    this.#lanes.settle(lane)
    this.#undecided -= count
    if (this.#undecided < this.#bounds.maxUndecided / 2) {
      this.#resume?.()
      this.#resume = undefined
    }
    if (this.#undecided === 0) this.#idle?.()
  }

  #inOrder(id: ConversationId, work: () => Promise<void>): void {
    const before = this.#deliveries.get(id)
    const done = (before === undefined ? work() : before.then(work))
      .catch((error: unknown) => {
        this.#deps.telemetry.deliveryFailed(id, error)
      })
      .then(() => {
        if (this.#deliveries.get(id) === done) this.#deliveries.delete(id)
      })
    this.#deliveries.set(id, done)
  }
}
