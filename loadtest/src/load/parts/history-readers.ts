import { LIMITS, newOutboxId, type Seq } from '@satchel/protocol'
import { Latencies } from '../../latencies.ts'
import { runOpenLoop } from '../../open-loop.ts'
import type { PeopleShare } from '../divide-people.ts'
import { connectPeople } from './connect-people.ts'
import { createPeople } from './create-people.ts'
import { eachOf } from './each-of.ts'
import type { Person } from './person.ts'

export interface Shelf {
  readonly groupSize: number
  /** In each group's history. */
  readonly messages: number
}

export interface Scroll {
  readonly pagesPerSecond: number
  readonly seconds: number
}

export interface ScrollResult {
  readonly pages: number
  readonly events: number
  readonly failures: number
  /** From when somebody was to scroll until they had the page. */
  readonly latencies: string
}

interface Reader {
  readonly person: Person
  /** Where the page before this one began; the newest page comes next when absent. */
  before: Seq | undefined
  /** One page at a time. */
  line: Promise<void>
}

const PAGE = 50
const TEXT_BYTES = 100

/** People who scroll up in their group to its beginning, page by page, again and again. */
export class HistoryReaders {
  readonly #readers: readonly Reader[]

  constructor(share: PeopleShare) {
    this.#readers = createPeople(share).map((person) => ({
      person,
      before: undefined,
      line: Promise.resolve(),
    }))
  }

  /** Connects them all, makes their groups and writes what is read. */
  async prepare({ groupSize, messages }: Shelf): Promise<void> {
    const people = this.#readers.map(({ person }) => person)
    const groups = await connectPeople(people, groupSize)
    await eachOf(groups, ([creator]) => fill(creator, messages))
  }

  async scroll({ pagesPerSecond, seconds }: Scroll): Promise<ScrollResult> {
    const latencies = new Latencies()
    let events = 0
    let failures = 0
    await runOpenLoop(pagesPerSecond, seconds, (index, intendedMs) => {
      const reader = this.#readers[index % this.#readers.length]
      if (reader === undefined) return
      reader.line = reader.line
        .then(() => readPage(reader))
        .then(
          (count) => {
            events += count
            latencies.record(performance.now() - intendedMs)
          },
          () => {
            failures++
          },
        )
    })
    await Promise.all(this.#readers.map(({ line }) => line))
    return { pages: latencies.count, events, failures, latencies: latencies.toText() }
  }
}

async function readPage(reader: Reader): Promise<number> {
  const { session, conversationId } = reader.person
  const { events } = await session.request('history', {
    conversationId,
    before: reader.before,
    after: undefined,
    around: undefined,
    limit: PAGE,
  })
  const first = events[0]?.seq
  reader.before = first === undefined || first <= 1 ? undefined : first
  return events.length
}

async function fill(creator: Person | undefined, messages: number): Promise<void> {
  if (creator === undefined) return
  const outbox = newOutboxId()
  const { session, conversationId } = creator
  let counter = 0
  const line = async (): Promise<void> => {
    while (counter < messages) {
      const commandId = { outbox, counter: ++counter }
      const text = `Message ${counter} `.padEnd(TEXT_BYTES, '.')
      const command = { kind: 'send_message', text } as const
      const where = { conversationId, to: undefined, restart: undefined }
      await session.request('command', { commandId, command, ...where })
    }
  }
  await Promise.all(Array.from({ length: LIMITS.answersPerOutbox }, line))
}
