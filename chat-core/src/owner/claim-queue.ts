import type { MonotonicClock } from '../runtime/index.ts'

/** Claims at once: a cluster that starts would ask everything of everybody otherwise. */
const MAX_CLAIMS = 2
const FIRST_WAIT_MS = 2_000
const LAST_WAIT_MS = 60_000
/** An owner that leaves lets go of one partition after the other: so long after the last one nobody waits for it. */
export const LET_GO_INTERVAL_MS = 300
/** Whoever is not let go of by then is claimed all the same. */
const LONGEST_WAIT_MS = 1_000
/** How long it is remembered that somebody has let go of a partition. */
const LET_GO_KNOWN_MS = 5_000

interface Wanted {
  /** When it may be claimed. */
  readonly dueMs: number
  /** That is not put off beyond this. */
  readonly latestMs: number
}

interface Setback {
  readonly waitMs: number
  readonly untilMs: number
}

/**
 * Partitions that are to be claimed, each once its time has come, a few at once. Who has lost a partition
 * looks again no sooner than two seconds later; losing it again and again doubles that up to a minute.
 */
export class ClaimQueue {
  readonly #timers: MonotonicClock
  readonly #wanted = new Map<number, Wanted>()
  readonly #setbacks = new Map<number, Setback>()
  readonly #letGo = new Map<number, number>()
  #claims = 0

  constructor(timers: MonotonicClock) {
    this.#timers = timers
  }

  has(partition: number): boolean {
    return this.#wanted.has(partition)
  }

  /** `delayMs`: for whoever has it now to let go. */
  add(partition: number, delayMs: number): void {
    const nowMs = this.#timers.elapsedMs()
    const isFree = nowMs - (this.#letGo.get(partition) ?? -LET_GO_KNOWN_MS) < LET_GO_KNOWN_MS
    const dueMs = isFree ? nowMs : nowMs + delayMs
    this.#wanted.set(partition, { dueMs, latestMs: dueMs + LONGEST_WAIT_MS })
  }

  /** Somebody has let go of it: there is nothing to wait for. */
  letGo(partition: number): void {
    const nowMs = this.#timers.elapsedMs()
    this.#letGo.set(partition, nowMs)
    for (const [other, { dueMs, latestMs }] of this.#wanted) {
      const laterMs = Math.min(latestMs, nowMs + LET_GO_INTERVAL_MS)
      if (dueMs > nowMs) this.#wanted.set(other, { dueMs: Math.max(dueMs, laterMs), latestMs })
    }
    if (this.#wanted.has(partition)) this.#wanted.set(partition, { dueMs: nowMs, latestMs: nowMs })
  }

  remove(partition: number): void {
    this.#wanted.delete(partition)
  }

  clear(): void {
    this.#wanted.clear()
  }

  /** It was lost, or had to be refused. */
  setBack(partition: number): void {
    const nowMs = this.#timers.elapsedMs()
    const before = this.#setbacks.get(partition)
    const isRecent = before !== undefined && nowMs - before.untilMs < LAST_WAIT_MS
    const waitMs = isRecent ? Math.min(2 * before.waitMs, LAST_WAIT_MS) : FIRST_WAIT_MS
    this.#setbacks.set(partition, { waitMs, untilMs: nowMs + waitMs })
  }

  /** When something may be due; `undefined` when nothing is wanted, or no claim can begin. */
  get nextDueMs(): number | undefined {
    if (this.#claims >= MAX_CLAIMS) return undefined
    let next: number | undefined
    for (const partition of this.#wanted.keys()) {
      const dueMs = this.#dueMs(partition)
      if (next === undefined || dueMs < next) next = dueMs
    }
    return next
  }

  /** Takes out what is due, as far as more claims may begin; each has to be `finished`. */
  begin(): readonly number[] {
    const nowMs = this.#timers.elapsedMs()
    const begun: number[] = []
    for (const partition of this.#wanted.keys()) {
      if (this.#claims >= MAX_CLAIMS) break
      if (this.#dueMs(partition) > nowMs) continue
      this.#wanted.delete(partition)
      this.#claims++
      begun.push(partition)
    }
    return begun
  }

  finished(): void {
    this.#claims--
  }

  #dueMs(partition: number): number {
    const { dueMs = Number.POSITIVE_INFINITY } = this.#wanted.get(partition) ?? {}
    return Math.max(dueMs, this.#setbacks.get(partition)?.untilMs ?? 0)
  }
}
