import { Random } from '../../../loadtest/src/random.ts'

interface Task {
  readonly dueMs: number
  /** Decides between tasks of the same moment. */
  readonly order: number
  run: (() => void) | undefined
}

interface TraceLine {
  readonly atMs: number
  readonly who: string
  /** Put into words when somebody reads it. */
  readonly what: string | (() => string)
}

/** Midnight of a day long ago: simulated time of day starts here. */
const START_MS = 1_600_000_000_000

/**
 * Time and chance of one simulated cluster. Nothing in it happens but by a task whose time has come, and
 * every choice is drawn from the seed: the same seed, the same run.
 */
export class World {
  readonly random: Random
  readonly #trace: TraceLine[] = []
  readonly violations: string[] = []
  #nowMs = 0
  // A binary heap: the next task first.
  readonly #tasks: Task[] = []

  constructor(seed: number) {
    this.random = new Random(seed)
  }

  /** Milliseconds since the world began. */
  get nowMs(): number {
    return this.#nowMs
  }

  get timeOfDayMs(): number {
    return START_MS + this.#nowMs
  }

  /** Runs `run` in `delayMs`; the returned function prevents it. */
  after(delayMs: number, run: () => void): () => void {
    const dueMs = this.#nowMs + Math.max(0, Math.round(delayMs))
    const task: Task = { dueMs, order: this.random.next(), run }
    this.#push(task)
    return () => {
      task.run = undefined
    }
  }

  /** A way on which nothing overtakes: what is given to it happens some time later, one after another. */
  openPipe(latencyMs: () => number): (run: () => void) => void {
    const waiting: (() => void)[] = []
    return (run) => {
      waiting.push(run)
      // Whichever comes first brings what was sent first.
      this.after(latencyMs(), () => waiting.shift()?.())
    }
  }

  note(who: string, what: string | (() => string)): void {
    this.#trace.push({ atMs: this.#nowMs, who, what })
  }

  /** Everything that happened, a line each. */
  get trace(): readonly string[] {
    return this.#trace.map(
      ({ atMs, who, what }) => `${atMs} ${who}: ${typeof what === 'string' ? what : what()}`,
    )
  }

  /** Something that must never be, whatever clients see of it. */
  violated(what: string): void {
    this.note('world', `VIOLATION ${what}`)
    this.violations.push(what)
  }

  /** Lets time pass until `isDone`, or until `limitMs`; true when it was done. */
  async run(isDone: () => boolean, limitMs: number): Promise<boolean> {
    for (;;) {
      if (isDone()) return true
      const dueMs = this.#tasks[0]?.dueMs
      if (dueMs === undefined || dueMs > limitMs) return false
      this.#nowMs = dueMs
      while (this.#tasks[0]?.dueMs === dueMs) this.#pop()?.run?.()
      // Everything that follows without waiting for the world follows now.
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  #push(task: Task): void {
    const tasks = this.#tasks
    let index = tasks.length
    tasks.push(task)
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (!isBefore(task, tasks[parent]!)) break
      tasks[index] = tasks[parent]!
      index = parent
    }
    tasks[index] = task
  }

  #pop(): Task | undefined {
    const tasks = this.#tasks
    const first = tasks[0]
    const last = tasks.pop()
    if (first === undefined || last === undefined || first === last) return first
    let index = 0
    for (;;) {
      let child = 2 * index + 1
      if (child >= tasks.length) break
      if (child + 1 < tasks.length && isBefore(tasks[child + 1]!, tasks[child]!)) child++
      if (!isBefore(tasks[child]!, last)) break
      tasks[index] = tasks[child]!
      index = child
    }
    tasks[index] = last
    return first
  }
}

function isBefore(one: Task, other: Task): boolean {
  return one.dueMs === other.dueMs ? one.order < other.order : one.dueMs < other.dueMs
}
