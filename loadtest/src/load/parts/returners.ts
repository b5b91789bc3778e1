import { createClientCodec, type ClientCodec } from '@satchel/protocol'
import { delay } from '../../chaos/deadlines.ts'
import { Latencies } from '../../latencies.ts'
import type { PeopleShare } from '../divide-people.ts'
import { createGroup } from './create-group.ts'
import { Returner } from './returner.ts'

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

const CONNECTING_AT_ONCE = 32
const NAIVE_PAUSE_MS = 1_000
// As @satchel/client does.
const JITTER = { baseMs: 500, capMs: 30_000 }

/** People who sit there and say nothing, until they are cut: then all of them come back. */
export class Returners {
  readonly #codec: ClientCodec = createClientCodec('msgpack')
  readonly #people: readonly Returner[]
  #connected = 0

  constructor({ firstUser, users, ports, tokenSecret }: PeopleShare) {
    const codec = this.#codec
    this.#people = Array.from({ length: users }, (_, index) => {
      const user = firstUser + index
      return new Returner({ user, port: ports[user % ports.length] ?? 0, tokenSecret, codec })
    })
  }

  /** Connects this part of them (0 to 1), those included that are; and makes groups of so many. */
  async connect({ part, groupSize }: { readonly part: number; readonly groupSize: number }) {
    const until = Math.round(this.#people.length * part)
    const newcomers = this.#people.slice(this.#connected, until)
    await eachOf(newcomers, (person) => person.connect())
    const groups = Array.from({ length: Math.ceil(newcomers.length / groupSize) }, (_, index) =>
      newcomers.slice(index * groupSize, (index + 1) * groupSize),
    )
    await eachOf(groups, (members) => createGroup(members))
    this.#connected = until
  }

  /** Cuts them all at once. Settles when all are back, or the time is over. */
  async storm({ way, deadlineMs }: StormOptions): Promise<StormResult> {
    const latencies = new Latencies()
    let errors = 0
    let firstError: string | undefined
    for (const person of this.#people) person.cut()
    const startMs = performance.now()
    const comeBack = async (person: Returner): Promise<void> => {
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

async function eachOf<Item>(items: readonly Item[], act: (item: Item) => Promise<unknown>) {
  const left = [...items].reverse()
  const line = async (): Promise<void> => {
    for (let item = left.pop(); item !== undefined; item = left.pop()) await act(item)
  }
  await Promise.all(Array.from({ length: CONNECTING_AT_ONCE }, line))
}
