import { randomBytes, randomFillSync } from 'node:crypto'
import { ChatError, ERROR_CODES, newAttachmentId, type AttachmentId } from '@satchel/protocol'
import { delay } from '../../chaos/deadlines.ts'
import { Latencies } from '../../latencies.ts'
import { runOpenLoop } from '../../open-loop.ts'
import { putSlowly } from '../../uploads/put-slowly.ts'
import type { PeopleShare } from '../divide-people.ts'
import { createGroup } from './create-group.ts'
import { createPeople } from './create-people.ts'
import { eachOf } from './each-of.ts'
import type { Person } from './person.ts'

interface OpenUpload {
  readonly person: Person
  readonly attachmentId: AttachmentId
}

/** In an open loop: what the server cannot keep up with waits here, and its latency counts. */
export interface HoldersWork {
  readonly uploads: number
  readonly perSecond: number
}

/** What came of asking for something many times. */
export interface HoldersResult {
  readonly done: number
  readonly failures: number
  readonly firstFailure: string | undefined
  /** From when each was due until it was answered; `Latencies` as text. */
  readonly latencies: string
}

export interface BytesResult extends HoldersResult {
  /** Files whose bytes were on their way at the same moment, at most. */
  readonly movingAtOnce: number
  readonly bytes: number
  /** Of `complete_upload` alone. */
  readonly completeLatencies: string
}

const FILE_BYTES = 1_048_576
/** Of one process: what is further due waits here and not in a gateway, which has bounds. Bytes take longer. */
const REQUESTS_UNDER_WAY = 64
const FILES_UNDER_WAY = 5_000
const RETRY_MS = 1_000
const MOST_TRIES = 10
/** No two files are the same: the same bytes would be stored once. */
const OWN_BYTES = 16

/** People who begin uploads and hold them open, many each. */
export class UploadHolders {
  readonly #share: PeopleShare
  readonly #people: readonly Person[]
  readonly #open: OpenUpload[] = []
  /** Many at a time are brought from here, each with a beginning of its own. */
  readonly #bytes = randomFillSync(Buffer.alloc(FILE_BYTES))
  #begun = 0
  #askedAgain = 0

  constructor(share: PeopleShare) {
    this.#share = share
    this.#people = createPeople(share)
  }

  /** Connects them all, each in a group of their own. */
  async prepare(): Promise<void> {
    await eachOf(this.#people, async (person) => {
      for (let tries = 1; !(await hasJoined(person)); tries++) {
        if (tries === MOST_TRIES) throw new Error(`${person.userId} could not connect`)
        person.cut()
        await delay(tries * RETRY_MS)
      }
    })
  }

  /** Begins further uploads, of everybody in turn. */
  async begin(work: HoldersWork): Promise<HoldersResult> {
    const { perSecond } = work
    const results = new Results(REQUESTS_UNDER_WAY)
    await runOpenLoop(perSecond, secondsOf(work), (_, intendedMs) => {
      const person = this.#people[this.#begun++ % this.#people.length]
      if (person !== undefined) results.add(intendedMs, () => this.#begin(person))
    })
    return results.settled()
  }

  /** How many of some uploads, picked evenly, the product says are still waiting for their bytes. */
  async countUploading(asked: number): Promise<number> {
    const step = this.#open.length / asked
    const picked = Array.from(
      { length: asked },
      (_, index) => this.#open[Math.floor(index * step)],
    ).flatMap((upload) => upload ?? [])
    let uploading = 0
    await eachOf(picked, async ({ person, attachmentId }) => {
      const { state } = await this.#untilAnswered(() =>
        person.session.request('upload_status', { attachmentId }),
      )
      if (state === 'uploading') uploading++
    })
    return uploading
  }

  /** How often something was asked again since it was asked last. */
  takeAskedAgain(): number {
    const askedAgain = this.#askedAgain
    this.#askedAgain = 0
    return askedAgain
  }

  /** Brings the bytes of some, each over `seconds`, and completes them. */
  async bring(work: HoldersWork & { readonly seconds: number }): Promise<BytesResult> {
    const { perSecond, seconds } = work
    const results = new Results(FILES_UNDER_WAY)
    const complete = new Latencies()
    let moving = 0
    let movingAtOnce = 0
    const bring = async ({ person, attachmentId }: OpenUpload): Promise<void> => {
      const { session } = person
      // The first address has expired when an upload was held for long.
      const { urls } = await this.#untilAnswered(() =>
        session.request('upload_parts', { attachmentId, parts: [0] }),
      )
      movingAtOnce = Math.max(movingAtOnce, ++moving)
      const beginning = randomBytes(OWN_BYTES)
      // Without an object store the server takes the bytes itself, at a path of its own.
      const url = new URL(urls[0]?.url ?? '', `http://127.0.0.1:${this.#share.ports[0] ?? 0}`)
      const body = { beginning, rest: this.#bytes.subarray(OWN_BYTES) }
      await putSlowly({ url, ...body, seconds }).finally(() => moving--)
      const askedMs = performance.now()
      await this.#untilAnswered(() => session.request('complete_upload', { attachmentId }))
      complete.record(performance.now() - askedMs)
    }
    await runOpenLoop(perSecond, secondsOf(work), (_, intendedMs) => {
      const upload = this.#open.shift()
      if (upload !== undefined) results.add(intendedMs, () => bring(upload))
    })
    const settled = await results.settled()
    const bytes = settled.done * FILE_BYTES
    return { ...settled, movingAtOnce, bytes, completeLatencies: complete.toText() }
  }

  /** Gives some up. */
  async abort(work: HoldersWork): Promise<HoldersResult> {
    const { perSecond } = work
    const results = new Results(REQUESTS_UNDER_WAY)
    await runOpenLoop(perSecond, secondsOf(work), (_, intendedMs) => {
      const upload = this.#open.shift()
      if (upload === undefined) return
      const { person, attachmentId } = upload
      results.add(intendedMs, () =>
        this.#untilAnswered(() => person.session.request('abort_upload', { attachmentId })),
      )
    })
    return results.settled()
  }

  async #begin(person: Person): Promise<void> {
    const { session, conversationId } = person
    const attachmentId = newAttachmentId()
    const facts = { name: 'data.bin', contentType: 'application/octet-stream' }
    const upload = { attachmentId, conversationId, sizeBytes: FILE_BYTES, ...facts }
    await this.#untilAnswered(() => session.request('begin_upload', { upload }))
    this.#open.push({ person, attachmentId })
  }

  /** Asks again after a refusal that says it may, as clients do: all of these may be asked twice. */
  async #untilAnswered<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
    for (let tries = 1; ; tries++) {
      try {
        return await ask()
      } catch (error) {
        const isRetryable = error instanceof ChatError && ERROR_CODES[error.code].retryable
        if (!isRetryable || tries === MOST_TRIES) throw error
        this.#askedAgain++
        await delay(tries * RETRY_MS)
      }
    }
  }
}

/** Connects somebody who then has a group of their own; false when either took too long. */
async function hasJoined(person: Person): Promise<boolean> {
  try {
    await person.connect()
    await createGroup([person])
    return true
  } catch {
    return false
  }
}

/** Whatever rounding does, exactly as many become due in it. */
function secondsOf({ uploads, perSecond }: HoldersWork): number {
  return (uploads + 0.5) / perSecond
}

/** Counts what is asked for, as it settles. */
class Results {
  readonly #latencies = new Latencies()
  readonly #waiting: (() => Promise<void>)[] = []
  readonly #lines = new Set<Promise<void>>()
  readonly #mostUnderWay: number
  #failures = 0
  #firstFailure: string | undefined

  constructor(mostUnderWay: number) {
    this.#mostUnderWay = mostUnderWay
  }

  add(intendedMs: number, ask: () => Promise<unknown>): void {
    this.#waiting.push(async () => {
      try {
        await ask()
        this.#latencies.record(performance.now() - intendedMs)
      } catch (error) {
        this.#failures++
        this.#firstFailure ??= String(error)
      }
    })
    if (this.#lines.size >= this.#mostUnderWay) return
    const line: Promise<void> = this.#work().finally(() => this.#lines.delete(line))
    this.#lines.add(line)
  }

  async settled(): Promise<HoldersResult> {
    await Promise.all(this.#lines)
    return {
      done: this.#latencies.count,
      failures: this.#failures,
      firstFailure: this.#firstFailure,
      latencies: this.#latencies.toText(),
    }
  }

  async #work(): Promise<void> {
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      await next()
    }
  }
}
