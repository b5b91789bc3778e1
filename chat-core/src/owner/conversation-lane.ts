import { ChatError, type ConversationId } from '@satchel/protocol'
import type { ConversationState, RecordedAnswer } from '../domain/conversation-state.ts'
import { recall } from '../domain/remember.ts'
import type { LogPosition } from '../ports/command-log.ts'
import type { ConversationStore, StoredConversation } from '../ports/conversation-store.ts'
import type { DeadLetters } from '../ports/dead-letters.ts'
import { commitOf } from './commit-of.ts'
import {
  HeldConversation,
  type ConversationView,
  type Decided,
  type HeldConversationDeps,
  type QueuedEntry,
} from './held-conversation.ts'
import type { OwnerLife } from './owner-life.ts'

/** A command that the stored state has seen: the answer it remembers, if it does. */
export interface Skipped extends QueuedEntry {
  readonly answer: RecordedAnswer | undefined
}

export interface LaneDeps extends HeldConversationDeps {
  readonly conversations: ConversationStore
  readonly deadLetters: DeadLetters | undefined
  readonly life: OwnerLife
  /** Rejects, and ends the owner, when the log cannot be the one this state came from. */
  readonly admit: (stored: StoredConversation) => Promise<void> | undefined
  /** These are committed (or changed nothing): answer and deliver. */
  readonly committed: (lane: ConversationLane, decided: readonly Decided[]) => void
  /** These had been committed before: answer, and announce where the conversation stands. */
  readonly skipped: (lane: ConversationLane, skipped: readonly Skipped[]) => void
  /** None of these is applied. Only where a failed commit has certainly written nothing. */
  readonly refused: (
    lane: ConversationLane,
    entries: readonly QueuedEntry[],
    error: unknown,
  ) => void
  /** Trying failed for the so-many-th time and goes on. */
  readonly failed: (lane: ConversationLane, attempts: number, error: unknown) => void
}

/** Asks what is committed; either `answer` or `refuse` is called, once. */
export interface LaneQuestion {
  answer(state: ConversationState | undefined): void
  refuse(error: ChatError): void
}

// A fold stays well within what a store takes at once.
const MAX_FOLDED = 100
const MAX_FOLDED_BYTES = 64 * 1024
const FIRST_RETRY_MS = 50
const LAST_RETRY_MS = 2_000

/**
 * One conversation's commands, one after another: load the state, decide, commit, and only then tell
 * anybody. While a commit is under way commands queue here; the next commit takes all of them.
 *
 * What fails is tried again until it succeeds or the owner ends, since it may have been written. Only
 * where a failed commit has certainly written nothing, everything undecided is refused instead.
 */
export class ConversationLane {
  readonly #deps: LaneDeps
  readonly #held: HeldConversation
  #queue: QueuedEntry[] = []
  #questions: LaneQuestion[] = []
  /** Commands up to here were committed before the state was loaded; unset once one beyond it came. */
  #loadedAt: LogPosition | undefined
  #isRunning = false
  #isFailing = false

  constructor(id: ConversationId, deps: LaneDeps) {
    this.#deps = deps
    this.#held = new HeldConversation(id, deps)
  }

  get id(): ConversationId {
    return this.#held.id
  }

  get isIdle(): boolean {
    return !this.#isRunning && this.#queue.length === 0
  }

  /** What was committed last; undefined while not loaded, and where there is no such conversation. */
  get view(): ConversationView | undefined {
    return this.#held.view
  }

  /** How much holding this costs, in things of some 200 bytes each. */
  get weight(): number {
    return this.#held.weight
  }

  belongsTo(deps: LaneDeps): boolean {
    return this.#deps === deps
  }

  push(queued: QueuedEntry): void {
    this.#queue.push(queued)
  }

  /** Answers as of the last commit, in turn with commits; refuses while the store does not answer. */
  ask(question: LaneQuestion): void {
    if (this.#isFailing) question.refuse(unavailable())
    else this.#questions.push(question)
  }

  /** Works until the queue is empty. Calling it while it works does nothing. */
  async run(): Promise<void> {
    if (this.#isRunning) return
    this.#isRunning = true
    while (!this.#deps.life.ended) {
      if (this.#questions.length > 0) await this.#answerQuestions()
      else if (this.#queue.length > 0) await this.#turn(this.#nextBatch())
      else break
    }
    this.#isRunning = false
    this.#refuseQuestions()
  }

  #nextBatch(): readonly QueuedEntry[] {
    const queue = this.#queue
    let bytes = 0
    let count = 0
    while (count < queue.length && count < MAX_FOLDED) {
      bytes += queue[count]?.origin.bytesPerCommand ?? 0
      if (count > 0 && bytes > MAX_FOLDED_BYTES) break
      count++
    }
    this.#queue = queue.slice(count)
    return count === queue.length ? queue : queue.slice(0, count)
  }

  async #turn(batch: readonly QueuedEntry[]): Promise<void> {
    const { life, conversations, committed } = this.#deps
    let fresh = batch
    let decided: readonly Decided[] | undefined
    // What has succeeded is not done again; a flat loop, since every message goes through it.
    for (let attempts = 1; ; attempts++) {
      try {
        if (!this.#held.isLoaded) await this.#load()
        if (decided === undefined) {
          fresh = this.#skipKnown(fresh)
          await this.#held.loadFacts(fresh)
          if (life.ended) return
          decided = this.#held.decide(fresh)
        }
        if (this.#held.letters.length > 0) await this.#putLettersAside()
        const changes = decided.filter(isChange)
        if (changes.length > 0) await conversations.commit(commitOf(this.id, changes))
        break
      } catch (error) {
        if (!(await this.#isToTryAgain(fresh, attempts, error))) return
        // It may have failed halfway through deciding.
        if (decided === undefined) this.#held.forget()
      }
    }
    this.#isFailing = false
    if (life.ended) return
    this.#held.committed()
    if (decided.length > 0) committed(this, decided)
  }

  async #load(): Promise<void> {
    await this.#held.load((stored) => {
      this.#loadedAt = stored.position
      return this.#deps.admit(stored)
    })
  }

  /** Tells of those the loaded state has seen; gives the others. */
  #skipKnown(batch: readonly QueuedEntry[]): readonly QueuedEntry[] {
    // What was given up while the state was read has left the bound, and must not leave it twice.
    if (this.#deps.life.ended) return []
    const loadedAt = this.#loadedAt
    if (loadedAt === undefined) return batch
    const firstNew = batch.findIndex((queued) => isAfter(queued, loadedAt))
    if (firstNew >= 0) this.#loadedAt = undefined
    const known = firstNew < 0 ? batch : batch.slice(0, firstNew)
    if (known.length === 0) return batch
    const { state } = this.#held
    const skipped = known.map((queued): Skipped => {
      const found = state === undefined ? undefined : recall(state, queued.entry.command)
      return { ...queued, answer: found?.kind === 'answered' ? found.answer : undefined }
    })
    this.#deps.skipped(this, skipped)
    return batch.slice(known.length)
  }

  async #putLettersAside(): Promise<void> {
    for (const letter of this.#held.letters) await this.#deps.deadLetters?.add(letter)
  }

  async #isToTryAgain(
    batch: readonly QueuedEntry[],
    attempts: number,
    error: unknown,
  ): Promise<boolean> {
    const { life, conversations, failed } = this.#deps
    if (life.ended) return false
    if (conversations.atomicCommit) {
      this.#drop(batch, error)
      return false
    }
    this.#isFailing = true
    this.#refuseQuestions()
    failed(this, attempts, error)
    await life.pause(Math.min(FIRST_RETRY_MS * 2 ** (attempts - 1), LAST_RETRY_MS))
    return !this.#deps.life.ended
  }

  /** The commit failed: nothing decided since counts, and what queued behind must not overtake it. */
  #drop(batch: readonly QueuedEntry[], error: unknown): void {
    const entries = [...batch, ...this.#queue]
    this.#queue = []
    this.#loadedAt = undefined
    this.#held.forget()
    this.#deps.refused(this, entries, error)
  }

  async #answerQuestions(): Promise<void> {
    try {
      if (!this.#held.isLoaded) await this.#load()
    } catch (error) {
      this.#deps.failed(this, 1, error)
      this.#refuseQuestions()
      return
    }
    for (const question of this.#questions.splice(0)) question.answer(this.#held.state)
  }

  #refuseQuestions(): void {
    for (const question of this.#questions.splice(0)) question.refuse(unavailable())
  }
}

function isChange({ decision }: Decided): boolean {
  return decision.rows.length > 0 || decision.reactions.length > 0
}

function isAfter({ origin, index }: QueuedEntry, position: LogPosition): boolean {
  if (origin.generation !== position.generation) return origin.generation > position.generation
  if (origin.record !== position.record) return origin.record > position.record
  return index > position.index
}

function unavailable(): ChatError {
  return new ChatError('unavailable', 'the conversation cannot be read at the moment')
}
