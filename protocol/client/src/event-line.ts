import { ChatError } from '@satchel/protocol'
import type { ConversationEvent, Seq } from '@satchel/protocol'
import { fullJitterMs } from './back-off.ts'
import type { Clock } from './clock.ts'
import type { Unsubscribe } from './emitter.ts'

export interface EventLineDeps {
  readonly clock: Clock
  readonly random: () => number
  /** The next event; called in order, once for each. */
  readonly deliver: (event: ConversationEvent) => void
  /**
   * Asks the server for what came after `seq`. Resolves when it has been asked: the events and
   * `replayed` come by themselves; rejects when the server refuses.
   */
  readonly catchUp: (seq: number) => Promise<unknown>
}

/** An event that comes before its predecessor waits this long for it before the server is asked. */
const STRAGGLER_MS = 100
/** Without progress for this long a catching up is taken for lost. */
const CATCH_UP_DEADLINE_MS = 15_000
const RETRY = { baseMs: 500, capMs: 30_000 }
const WAITING_MAX = 1_000

/**
 * One conversation's events in order, without holes, each once, whatever the server's hints do:
 * what comes too early waits, what is missing is asked for, what was seen is dropped.
 */
export class EventLine {
  readonly #deps: EventLineDeps
  /** The last event delivered; `undefined` until the line knows where it starts. */
  #cursor: number | undefined
  /** The highest seq there is said to be. */
  #head = 0
  readonly #waiting = new Map<Seq, ConversationEvent>()
  #isLive = false
  /** A replay is under way; whatever is missing comes with it. */
  #isReplaying = false
  #fruitlessTries = 0
  /** Where a completed replay left a hole. */
  #holeAfter: number | undefined
  #cancelTimer: Unsubscribe | undefined

  constructor(deps: EventLineDeps, cursor: number | undefined) {
    this.#deps = deps
    this.#cursor = cursor
    this.#head = cursor ?? 0
  }

  get cursor(): number | undefined {
    return this.#cursor
  }

  /** Says where the line starts, if it has not started. */
  startAt(cursor: number): void {
    if (this.#cursor !== undefined) return
    this.#cursor = cursor
    this.#drain()
    this.#check(0)
  }

  /** Moves on without delivering: nobody has looked at the conversation. */
  skipTo(seq: number): void {
    if (this.#cursor !== undefined && seq <= this.#cursor) return
    this.#cursor = seq
    this.#drain()
    this.#check(0)
  }

  receive(event: ConversationEvent): void {
    this.#cursor ??= event.seq - 1
    this.#head = Math.max(this.#head, event.seq)
    if (event.seq <= this.#cursor) return
    this.#waiting.set(event.seq, event)
    if (this.#waiting.size > WAITING_MAX) this.#waiting.delete(Math.max(...this.#waiting.keys()))
    if (!this.#isReplaying) this.#drain()
    else if (event.seq === this.#cursor + 1) {
      this.#take(event)
      this.#expectReplay()
    }
    this.#check(STRAGGLER_MS)
  }

  /** The conversation is said to have come to `seq`. */
  noteHead(seq: Seq): void {
    this.#cursor ??= seq
    this.#head = Math.max(this.#head, seq)
    this.#check(0)
  }

  /** An answer tells of `seq`; its event should be here any moment. */
  expect(seq: Seq): void {
    if (this.#cursor === undefined) return
    this.#head = Math.max(this.#head, seq)
    this.#check(STRAGGLER_MS)
  }

  /** A session begins. `expectsReplay`: the server was told the cursor and replays by itself. */
  start(expectsReplay: boolean): void {
    this.#isLive = true
    this.#fruitlessTries = 0
    if (expectsReplay) this.#expectReplay()
    else this.#check(0)
  }

  stop(): void {
    this.#isLive = false
    this.#isReplaying = false
    this.#clearTimer()
  }

  /** The replay has come to `seq`: there is nothing up to it that was not sent. */
  replayed(seq: number): void {
    this.#finishReplay()
    this.#head = Math.max(this.#head, seq)
    this.#cursor ??= seq
    if (this.#cursor < seq) this.#passHole(this.#cursor, seq)
    else this.#fruitlessTries = 0
    this.#check(0)
  }

  /** Everything has been replayed; a conversation that was not had nothing new. */
  caughtUp(): void {
    if (!this.#isReplaying) return
    this.#finishReplay()
    this.#check(0)
  }

  /** The server cannot replay at the moment. */
  fallBehind(): void {
    this.#finishReplay()
    this.#head = Math.max(this.#head, (this.#cursor ?? 0) + 1)
    this.#retry()
  }

  /** Too much was missed, or more was seen than there is: the line goes on after `seq`. */
  jump(seq: number): void {
    this.#endReplay()
    this.#cursor = seq
    this.#head = Math.max(seq, ...this.#waiting.keys())
    this.#fruitlessTries = 0
    this.#drain()
    this.#check(0)
  }

  /** The user is not in the conversation any more; should something come nevertheless, it is tried again. */
  leave(): void {
    this.#endReplay()
    this.#giveUp()
  }

  /** Delivers what has its turn. What waited before a replay comes with it again, perhaps newer: it waits for that. */
  #drain(): void {
    while (this.#cursor !== undefined && !this.#isReplaying) {
      const next = this.#waiting.get(this.#cursor + 1)
      if (next === undefined) break
      this.#take(next)
    }
    for (const seq of this.#waiting.keys()) {
      if (this.#cursor !== undefined && seq <= this.#cursor) this.#waiting.delete(seq)
    }
  }

  #take(next: ConversationEvent): void {
    this.#waiting.delete(next.seq)
    this.#cursor = next.seq
    this.#fruitlessTries = 0
    this.#deps.deliver(next)
  }

  /**
   * A complete replay has not filled the hole. Once may be an accident; twice means that this user may
   * not see what is there (it was said before they joined), or that this client cannot read it.
   */
  #passHole(cursor: number, seq: number): void {
    if (this.#holeAfter !== cursor) {
      this.#holeAfter = cursor
      return
    }
    this.#holeAfter = undefined
    const firstWaiting = Math.min(seq + 1, ...this.#waiting.keys())
    this.#cursor = firstWaiting - 1
    this.#drain()
    if (this.#cursor < seq) this.#passRest(seq)
  }

  #passRest(seq: number): void {
    while (this.#cursor !== undefined && this.#cursor < seq) {
      this.#cursor = Math.min(seq + 1, ...this.#waiting.keys()) - 1
      this.#drain()
    }
  }

  /** Makes sure that what is missing is on its way, or will be asked for. */
  #check(delayMs: number): void {
    if (this.#cursor === undefined || this.#head <= this.#cursor) {
      if (!this.#isReplaying) this.#clearTimer()
      return
    }
    if (!this.#isLive || this.#isReplaying || this.#cancelTimer !== undefined) return
    if (delayMs === 0 && this.#fruitlessTries === 0) this.#ask(this.#cursor)
    else if (this.#fruitlessTries === 0) this.#askIn(delayMs)
    else this.#retry()
  }

  #askIn(delayMs: number): void {
    this.#clearTimer()
    this.#cancelTimer = this.#deps.clock.setTimer(delayMs, () => {
      this.#cancelTimer = undefined
      if (this.#cursor !== undefined && this.#head > this.#cursor) this.#ask(this.#cursor)
    })
  }

  #retry(): void {
    const tries = this.#fruitlessTries
    this.#askIn(fullJitterMs(RETRY, tries, this.#deps.random))
  }

  #ask(cursor: number): void {
    if (!this.#isLive) return
    this.#fruitlessTries++
    this.#expectReplay()
    this.#deps.catchUp(cursor).catch((error: unknown) => {
      if (!this.#isReplaying) return
      this.#finishReplay()
      const isFinal = error instanceof ChatError && !error.retryable
      if (isFinal) this.#giveUp()
      else if (this.#isLive) this.#retry()
    })
  }

  /** The user may not read on, for example as no member any more. What comes later is tried again. */
  #giveUp(): void {
    this.#head = this.#cursor ?? 0
    this.#waiting.clear()
    this.#fruitlessTries = 0
  }

  #expectReplay(): void {
    this.#clearTimer()
    this.#isReplaying = true
    this.#cancelTimer = this.#deps.clock.setTimer(CATCH_UP_DEADLINE_MS, () => {
      this.#finishReplay()
      this.#check(0)
    })
  }

  #finishReplay(): void {
    this.#endReplay()
    this.#drain()
  }

  #endReplay(): void {
    this.#isReplaying = false
    this.#clearTimer()
  }

  #clearTimer(): void {
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
  }
}
