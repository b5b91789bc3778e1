import { parseUserId } from '@satchel/protocol'
import { delay } from '../../chaos/deadlines.ts'
import { Latencies } from '../../latencies.ts'
import { runOpenLoop } from '../../open-loop.ts'
import { Random } from '../../random.ts'
import type { PeopleShare } from '../divide-people.ts'
import { DayPerson, type Doing } from './day-person.ts'
import { eachOf } from './each-of.ts'

export interface Day {
  /** Of everything together. */
  readonly actionsPerSecond: number
  readonly seconds: number
}

export interface DayResult {
  /** From when it was due until it was done, each kind by itself; `delivery`: from then until another person had it. */
  readonly latencies: Readonly<Record<Doing | 'delivery', string>>
  readonly failures: number
  /** Had not come to an end half a minute after the last was begun. */
  readonly unfinished: number
  readonly firstFailure: string | undefined
}

/** How often each comes, out of the sum of all. Who goes comes back after a while. */
const WEIGHTS: readonly (readonly [number, Doing])[] = [
  [65, 'chat'],
  [5, 'direct'],
  [14, 'react'],
  [7, 'scroll'],
  [6, 'read'],
  [1, 'photo'],
  [2, 'come'],
]
const TOTAL = WEIGHTS.reduce((sum, [weight]) => sum + weight, 0)
const AWAY_MS = { least: 1_000, most: 10_000 }
const LOOKS_FOR_SOMEBODY = 20
/** What is not done by then will not be: who has gone hears no answer. */
const LAST_DEADLINE_MS = 30_000

/** People who come and go, and do in between what people do. */
export class DayPeople {
  readonly #people: readonly DayPerson[]
  readonly #random: Random
  #latencies = newLatencies()
  #failures = 0
  #firstFailure: string | undefined
  #isOver = false

  constructor({ firstUser, users, ports, tokenSecret }: PeopleShare) {
    this.#random = new Random(firstUser)
    this.#people = Array.from({ length: users }, (_, index) => {
      const user = firstUser + index
      const userId = parseUserId(`day-${user}`)
      if (userId === undefined) throw new Error(`day-${user} is no name`)
      const port = ports[user % ports.length] ?? 0
      const delivered = (intendedMs: number): void => {
        this.#latencies.delivery.record(performance.now() - intendedMs)
      }
      return new DayPerson({ userId, user, port, tokenSecret, delivered })
    })
  }

  /** Everybody comes, and is in a group. */
  async prepare(groupSize: number): Promise<void> {
    await eachOf(this.#people, (person) => person.come())
    const creators = this.#people.filter((_, index) => index % groupSize === 0)
    await eachOf(creators, (creator) => {
      const first = this.#people.indexOf(creator)
      return creator.createGroup(this.#people.slice(first + 1, first + groupSize))
    })
  }

  /** Settles when everything that was begun is done, or will not be. */
  async live({ actionsPerSecond, seconds }: Day): Promise<DayResult> {
    this.#latencies = newLatencies()
    this.#isOver = false
    const under = new Set<Promise<void>>()
    await runOpenLoop(actionsPerSecond, seconds, (_, intendedMs) => {
      const one = this.#doSomething(intendedMs).finally(() => under.delete(one))
      under.add(one)
    })
    this.#isOver = true
    await Promise.race([Promise.all(under), delay(LAST_DEADLINE_MS)])
    return {
      unfinished: under.size,
      latencies: textsOf(this.#latencies),
      failures: this.#failures,
      firstFailure: this.#firstFailure,
    }
  }

  async #doSomething(intendedMs: number): Promise<void> {
    const person = this.#somebody()
    const doing = this.#choose()
    if (person === undefined) return
    try {
      if (doing === 'come') await this.#goAndComeBack(person)
      else {
        await this.#do(person, doing, intendedMs)
        this.#latencies[doing].record(performance.now() - intendedMs)
      }
    } catch (error) {
      // Who goes does not hear the answer any more.
      if (!person.isThere) return
      this.#failures++
      this.#firstFailure ??= `${doing}: ${String(error)}`
    }
  }

  async #do(person: DayPerson, doing: Exclude<Doing, 'come'>, intendedMs: number): Promise<void> {
    switch (doing) {
      case 'chat':
        return person.chat(intendedMs)
      case 'direct':
        return person.direct(this.#random.pick(this.#others(person)) ?? person, intendedMs)
      case 'react':
        return person.react()
      case 'scroll':
        return person.scroll()
      case 'read':
        return person.read()
      case 'photo':
        return person.photo()
      default:
        return doing satisfies never
    }
  }

  async #goAndComeBack(person: DayPerson): Promise<void> {
    person.go()
    const awayMs = this.#random.between(AWAY_MS.least, AWAY_MS.most)
    const endMs = performance.now() + awayMs
    while (!this.#isOver && performance.now() < endMs) await delay(Math.min(500, awayMs))
    const startMs = performance.now()
    await person.come()
    this.#latencies.come.record(performance.now() - startMs)
  }

  #somebody(): DayPerson | undefined {
    for (let look = 0; look < LOOKS_FOR_SOMEBODY; look++) {
      const person = this.#random.pick(this.#people)
      if (person?.isThere === true) return person
    }
    return undefined
  }

  #others(person: DayPerson): readonly DayPerson[] {
    return this.#people.filter((other) => other !== person)
  }

  #choose(): Doing {
    let ticket = this.#random.next() * TOTAL
    const [, doing] = WEIGHTS.find(([weight]) => (ticket -= weight) < 0) ?? [0, 'chat']
    return doing
  }
}

type DayLatencies = Readonly<Record<Doing | 'delivery', Latencies>>

function newLatencies(): DayLatencies {
  return {
    come: new Latencies(),
    chat: new Latencies(),
    direct: new Latencies(),
    react: new Latencies(),
    scroll: new Latencies(),
    read: new Latencies(),
    photo: new Latencies(),
    delivery: new Latencies(),
  }
}

function textsOf(latencies: DayLatencies): DayResult['latencies'] {
  return {
    come: latencies.come.toText(),
    chat: latencies.chat.toText(),
    direct: latencies.direct.toText(),
    react: latencies.react.toText(),
    scroll: latencies.scroll.toText(),
    read: latencies.read.toText(),
    photo: latencies.photo.toText(),
    delivery: latencies.delivery.toText(),
  }
}
