import { ChatError, type ConversationId, type Seq } from '@satchel/protocol'
import type { ConversationState } from '../domain/conversation-state.ts'
import { decide, decideFault, targetsOf } from '../domain/decide.ts'
import type { Decision, EventFacts, RulesSettings } from '../domain/decision.ts'
import { evolve, stateFrom } from '../domain/evolve.ts'
import { factsOf } from '../domain/facts-of.ts'
import { opensHistory } from '../domain/opens-history.ts'
import type { LogEntry, LogPosition } from '../ports/command-log.ts'
import type { ConversationStore } from '../ports/conversation-store.ts'
import type { UnknownOutcome } from '../ports/gateway-bus.ts'
import type { Timeline } from '../ports/timeline.ts'
import { commitOf } from './commit-of.ts'
import type { ConversationView, Decided } from './deliver.ts'

export interface LaneDeps {
  readonly conversations: ConversationStore
  readonly timeline: Timeline
  readonly settings: RulesSettings
  /** These are committed (or changed nothing): answer and deliver. */
  readonly committed: (lane: ConversationLane, decided: readonly Decided[]) => void
  /** None of these is applied. */
  readonly refused: (
    lane: ConversationLane,
    entries: readonly LogEntry[],
    outcome: UnknownOutcome,
  ) => void
  /** A command made the rules throw; gives the id under which that was reported. */
  readonly poisoned: (entry: LogEntry, error: unknown) => string
}

/** A command waiting for its turn in one conversation. */
export interface QueuedEntry {
  readonly entry: LogEntry
  readonly position: LogPosition
  readonly timeMs: number
}

/** With the longest messages there are, still well within what a store takes at once. */
const MAX_FOLDED = 100
const KEPT_FACTS = 64

/**
 * One conversation's commands, one after another: load the state, decide, commit, and only then tell
 * anybody. While a commit is under way commands queue here; the next commit takes all of them.
 */
export class ConversationLane {
  readonly id: ConversationId
  readonly #deps: LaneDeps
  readonly #facts = new Map<Seq, EventFacts>()
  #queue: QueuedEntry[] = []
  #state: ConversationState | undefined
  #view: ConversationView | undefined
  #loaded = false
  #running = false

  constructor(id: ConversationId, deps: LaneDeps) {
    this.id = id
    this.#deps = deps
  }

  get idle(): boolean {
    return !this.#running && this.#queue.length === 0
  }

  /** What was committed last; undefined while not loaded, and where there is no such conversation. */
  get view(): ConversationView | undefined {
    return this.#view
  }

  /** How much holding this costs, in things of some 200 bytes each. */
  get weight(): number {
    if (this.#state === undefined) return 1
    return 1 + this.#state.members.size + this.#state.answerCount + this.#facts.size
  }

  push(queued: QueuedEntry): void {
    this.#queue.push(queued)
  }

  /** Works until the queue is empty. Calling it while it works does nothing. */
  async run(): Promise<void> {
    if (this.#running) return
    this.#running = true
    while (this.#queue.length > 0) {
      const batch =
        this.#queue.length <= MAX_FOLDED ? this.#queue : this.#queue.slice(0, MAX_FOLDED)
      this.#queue = this.#queue.length <= MAX_FOLDED ? [] : this.#queue.slice(MAX_FOLDED)
      await this.#turn(batch)
    }
    this.#running = false
  }

  async #turn(batch: readonly QueuedEntry[]): Promise<void> {
    let decided: readonly Decided[]
    try {
      if (!this.#loaded) await this.#load()
      await this.#loadFacts(batch)
      decided = this.#decideAll(batch)
      const changes = decided.filter(
        ({ decision }) => decision.rows.length > 0 || decision.reactions.length > 0,
      )
      if (changes.length > 0) await this.#deps.conversations.commit(commitOf(this.id, changes))
    } catch (error) {
      this.#drop(batch, error)
      return
    }
    this.#forgetOldFacts()
    this.#view = this.#viewNow()
    this.#deps.committed(this, decided)
  }

  async #load(): Promise<void> {
    const stored = await this.#deps.conversations.read(this.id)
    this.#state = stored === undefined ? undefined : stateFrom(this.id, stored.rows)
    this.#view = this.#viewNow()
    this.#loaded = true
  }

  async #loadFacts(batch: readonly QueuedEntry[]): Promise<void> {
    const head = this.#state?.head.seq ?? 0
    const missing = new Set<Seq>()
    for (const { entry } of batch) {
      for (const seq of targetsOf(entry.command)) {
        if (seq <= head && !this.#facts.has(seq)) missing.add(seq)
      }
    }
    if (missing.size === 0) return
    for (const [seq, facts] of await this.#deps.timeline.readFacts(this.id, [...missing]))
      this.#facts.set(seq, facts)
  }

  #decideAll(batch: readonly QueuedEntry[]): readonly Decided[] {
    let memberIds = this.#view?.memberIds ?? []
    return batch.map(({ entry, position, timeMs }) => {
      const before = this.#state?.head.membershipSeq
      const decision = this.#decide(entry, timeMs)
      if (decision.rows.length > 0) this.#state = evolve(this.#state, this.id, decision.rows)
      for (const event of decision.events) this.#facts.set(event.seq, factsOf(event))
      if (this.#state === undefined || this.#state.head.membershipSeq === before) {
        return { entry, decision, position, audience: memberIds, membershipChanged: false }
      }
      memberIds = [...this.#state.members.keys()]
      // Who leaves is still told of that, and of nothing after it.
      const audience = [...memberIds, ...leavers(decision)]
      return { entry, decision, position, audience, membershipChanged: true }
    })
  }

  #viewNow(): ConversationView | undefined {
    const state = this.#state
    if (state === undefined) return undefined
    const { head } = state
    const before = this.#view
    const memberIds =
      before?.head.membershipSeq === head.membershipSeq
        ? before.memberIds
        : [...state.members.keys()]
    return { id: this.id, head, memberIds, opensHistory: opensHistory(head, state.details) }
  }

  #decide(entry: LogEntry, timeMs: number): Decision {
    const { command } = entry
    const context = { timeMs, settings: this.#deps.settings, targets: this.#facts }
    try {
      return decide(this.#state, command, context)
    } catch (error) {
      return decideFault(this.#state, command, context, this.#deps.poisoned(entry, error))
    }
  }

  /** What never changes of the latest events is kept: most targets are recent. */
  #forgetOldFacts(): void {
    for (const seq of this.#facts.keys()) {
      if (this.#facts.size <= KEPT_FACTS) break
      this.#facts.delete(seq)
    }
  }

  /** The commit failed: nothing decided since counts, and what queued behind must not overtake it. */
  #drop(batch: readonly QueuedEntry[], error: unknown): void {
    const entries = [...batch, ...this.#queue].map(({ entry }) => entry)
    this.#queue = []
    this.#state = undefined
    this.#view = undefined
    this.#loaded = false
    this.#facts.clear()
    this.#deps.refused(this, entries, outcomeOf(error))
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

/** Whom these events take out of the conversation. */
function* leavers(decision: Decision): Generator<Decision['events'][number]['authorId']> {
  for (const row of decision.rows) {
    if (row.row === 'member' && row.value === undefined) yield row.userId
  }
}
