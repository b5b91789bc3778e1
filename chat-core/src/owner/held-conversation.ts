import type { ConversationId, Seq, UserId } from '@satchel/protocol'
import type { ConversationState, HeadRow } from '../domain/conversation-state.ts'
import { decide, decideFault, targetsOf } from '../domain/decide.ts'
import type { DecideContext, Decision, EventFacts } from '../domain/decision.ts'
import { evolve, stateFrom } from '../domain/evolve.ts'
import { factsOf } from '../domain/facts-of.ts'
import { hasStrictLinks } from '../domain/has-strict-links.ts'
import { opensHistory } from '../domain/opens-history.ts'
import type { LogEntry, LogPosition } from '../ports/command-log.ts'
import type { ConversationStore, StoredConversation } from '../ports/conversation-store.ts'
import type { DeadLetter } from '../ports/dead-letters.ts'
import type { Timeline } from '../ports/timeline.ts'
import type { RecordInWork } from './records-in-work.ts'

/** A command waiting for its turn in one conversation. */
export interface QueuedEntry {
  readonly entry: LogEntry
  readonly origin: RecordInWork
  readonly index: number
}

/** One decided command, and to whom its events go. */
export interface Decided {
  readonly entry: LogEntry
  readonly origin: RecordInWork
  readonly decision: Decision
  readonly position: LogPosition
  readonly audience: readonly UserId[]
  readonly membershipChanged: boolean
  /** As of then; later decisions of the same commit may have changed it. */
  readonly head: HeadRow | undefined
}

/** A conversation as it was last committed: the owner's state may be ahead of it. */
export interface ConversationView {
  readonly id: ConversationId
  readonly head: HeadRow
  readonly memberIds: readonly UserId[]
  /** Newcomers may see what was said before they joined. */
  readonly opensHistory: boolean
  readonly strictLinks: boolean
}

export interface HeldConversationDeps {
  readonly conversations: Pick<ConversationStore, 'read'>
  readonly timeline: Pick<Timeline, 'readFacts'>
  /** A command made the rules throw; gives what is to be kept of it. */
  readonly poisoned: (entry: LogEntry, position: LogPosition, error: unknown) => DeadLetter
}

const KEPT_FACTS = 64

/** A conversation's state in its owner's memory: as committed, and what was decided since. */
export class HeldConversation {
  readonly id: ConversationId
  readonly #deps: HeldConversationDeps
  readonly #facts = new Map<Seq, EventFacts>()
  readonly #letters: DeadLetter[] = []
  #state: ConversationState | undefined
  #view: ConversationView | undefined
  #isLoaded = false

  constructor(id: ConversationId, deps: HeldConversationDeps) {
    this.id = id
    this.#deps = deps
  }

  get isLoaded(): boolean {
    return this.#isLoaded
  }

  /** What was committed last; undefined while not loaded, and where there is no such conversation. */
  get view(): ConversationView | undefined {
    return this.#view
  }

  /** Of commands that made the rules throw; to be put aside before they are committed. */
  get letters(): readonly DeadLetter[] {
    return this.#letters
  }

  /** With everything decided so far. */
  get state(): ConversationState | undefined {
    return this.#state
  }

  /** How much holding this costs, in things of some 200 bytes each. */
  get weight(): number {
    if (this.#state === undefined) return 1
    return 1 + this.#state.members.size + this.#state.answerCount + this.#facts.size
  }

  /** Reads what is stored, and takes it once `admit` has. */
  async load(admit: (stored: StoredConversation) => Promise<void> | undefined): Promise<void> {
    const stored = await this.#deps.conversations.read(this.id)
    const admitted = stored === undefined ? undefined : admit(stored)
    if (admitted !== undefined) await admitted
    this.#state = stored === undefined ? undefined : stateFrom(this.id, stored.rows)
    this.#view = this.#viewNow()
    this.#isLoaded = true
  }

  /** Makes known what deciding these commands needs to know of older events. */
  async loadFacts(batch: readonly QueuedEntry[]): Promise<void> {
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

  /** Decides them one after another; the state is ahead of what is committed from then on. */
  decide(batch: readonly QueuedEntry[]): readonly Decided[] {
    let memberIds = this.#view?.memberIds ?? []
    return batch.map(({ entry, origin, index }) => {
      const before = this.#state?.head.membershipSeq
      const { generation, record } = origin
      const position = { generation, record, index }
      const decision = this.#decideOne(entry, origin, position)
      if (decision.rows.length > 0) this.#state = evolve(this.#state, this.id, decision.rows)
      for (const event of decision.events) this.#facts.set(event.seq, factsOf(event))
      const head = this.#state?.head
      const membershipChanged = head !== undefined && head.membershipSeq !== before
      let audience = memberIds
      if (membershipChanged) {
        memberIds = [...(this.#state?.members.keys() ?? [])]
        // Who leaves is still told of that, and of nothing after it.
        audience = [...memberIds, ...leavers(decision)]
      }
      return { entry, origin, decision, position, audience, membershipChanged, head }
    })
  }

  /** Everything decided is committed. */
  committed(): void {
    // What never changes of the latest events is kept: most targets are recent.
    for (const seq of this.#facts.keys()) {
      if (this.#facts.size <= KEPT_FACTS) break
      this.#facts.delete(seq)
    }
    this.#letters.length = 0
    this.#view = this.#viewNow()
  }

  /** What was decided does not count: it is to be loaded again. */
  forget(): void {
    this.#state = undefined
    this.#view = undefined
    this.#isLoaded = false
    this.#facts.clear()
    this.#letters.length = 0
  }

  #decideOne(entry: LogEntry, { timeMs, settings }: RecordInWork, position: LogPosition): Decision {
    const { command } = entry
    const context: DecideContext = { timeMs, settings, targets: this.#facts }
    try {
      return decide(this.#state, command, context)
    } catch (error) {
      const letter = this.#deps.poisoned(entry, position, error)
      this.#letters.push(letter)
      return decideFault(this.#state, command, context, letter.faultId)
    }
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
    return {
      ...{ id: this.id, head, memberIds },
      opensHistory: opensHistory(head, state.details),
      strictLinks: hasStrictLinks(state.details),
    }
  }
}

/** Whom these events take out of the conversation. */
function* leavers(decision: Decision): Generator<UserId> {
  for (const row of decision.rows) {
    if (row.row === 'member' && row.value === undefined) yield row.userId
  }
}
