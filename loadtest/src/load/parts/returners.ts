import { delay } from '../../chaos/deadlines.ts'
import { Latencies } from '../../latencies.ts'
import type { PeopleShare } from '../divide-people.ts'
import { connectPeople } from './connect-people.ts'
import { createPeople } from './create-people.ts'
import type { Person } from './person.ts'

/** When somebody who was cut comes back, in milliseconds: the first time, and after each attempt that failed. */
export type ReturnWay = 'naive' | 'jittered'

export interface StormOptions {
  readonly way: ReturnWay
  /** Who is not back by then does not come back. */
  readonly deadlineMs: number
}

export interface StormResult {
  /** From the cut until the server said that nothing is missing. */
  readonly latencies: string
  readonly resumed: number
  /** Attempts to connect that came to nothing. */
  readonly errors: number
  readonly firstError: string | undefined
}

const NAIVE_PAUSE_MS = 1_000
// As @satchel/client does.
const JITTER = { baseMs: 500, capMs: 30_000 }

/** People who sit there and say nothing, until they are cut: then all of them come back. */
export class Returners {
  readonly #people: readonly Person[]
  #connected = 0

  constructor(share: PeopleShare) {
    this.#people = createPeople(share)
  }

  /** Connects this part of them (0 to 1), those included that are; and makes groups of so many. */
  async connect({ part, groupSize }: { readonly part: number; readonly groupSize: number }) {
    const until = Math.round(this.#people.length * part)
    const newcomers = this.#people.slice(this.#connected, until)
    await connectPeople(newcomers, groupSize)
    this.#connected = until
  }

  /** Cuts them all at once. Settles when all are back, or the time is over. */
  async storm({ way, deadlineMs }: StormOptions): Promise<StormResult> {
    const latencies = new Latencies()
    let errors = 0
    let firstError: string | undefined
    for (const person of this.#people) person.cut()
    const startMs = performance.now()
    const comeBack = async (person: Person): Promise<void> => {
      for (let attempt = 0; performance.now() - startMs < deadlineMs; attempt++) {
        await delay(pauseMs(way, attempt))
        try {
          await person.connect()
          latencies.record(performance.now() - startMs)
          return
        } catch (error) {
          errors++
          firstError ??= String(error)
        }
      }
    }
    await Promise.all(this.#people.map(comeBack))
    return { latencies: latencies.toText(), resumed: latencies.count, errors, firstError }
  }

  /** How many sockets are open. */
  open(): Promise<number> {
    return Promise.resolve(this.#people.filter(({ isOpen }) => isOpen).length)
  }
}

function pauseMs(way: ReturnWay, attempt: number): number {
  if (way === 'naive') return attempt === 0 ? 0 : NAIVE_PAUSE_MS
  return Math.random() * Math.min(JITTER.capMs, JITTER.baseMs * 2 ** attempt)
}
