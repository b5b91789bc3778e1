import { randomBytes, randomFillSync } from 'node:crypto'
import { newAttachmentId, type AttachmentId } from '@satchel/protocol'
import { Latencies } from '../../latencies.ts'
import { runOpenLoop } from '../../open-loop.ts'
import { putSlowly } from '../../uploads/put-slowly.ts'
import type { PeopleShare } from '../divide-people.ts'
import { connectPeople } from './connect-people.ts'
import { createPeople } from './create-people.ts'
import { eachOf } from './each-of.ts'
import type { Person } from './person.ts'

interface OpenUpload {
  readonly person: Person
  readonly attachmentId: AttachmentId
}

/** In an open loop. */
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

  constructor(share: PeopleShare) {
    this.#share = share
    this.#people = createPeople(share)
  }

  /** Connects them all, each in a group of their own. */
  async prepare(): Promise<void> {
    await connectPeople(this.#people, 1)
  }

  /** Begins further uploads, of everybody in turn. */
  async begin(work: HoldersWork): Promise<HoldersResult> {
    const { perSecond } = work
    const results = new Results()
    await runOpenLoop(perSecond, secondsOf(work), (_, intendedMs) => {
      const person = this.#people[this.#begun++ % this.#people.length]
      if (person !== undefined) results.add(intendedMs, this.#begin(person))
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
      const { state } = await person.session.request('upload_status', { attachmentId })
      if (state === 'uploading') uploading++
    })
    return uploading
  }

  /** Brings the bytes of some, each over `seconds`, and completes them. */
  async bring(work: HoldersWork & { readonly seconds: number }): Promise<BytesResult> {
    const { perSecond, seconds } = work
    const results = new Results()
    const complete = new Latencies()
    let moving = 0
    let movingAtOnce = 0
    const bring = async ({ person, attachmentId }: OpenUpload): Promise<void> => {
      const { session } = person
      // The first address has expired when an upload was held for long.
      const { urls } = await session.request('upload_parts', { attachmentId, parts: [0] })
      movingAtOnce = Math.max(movingAtOnce, ++moving)
      const beginning = randomBytes(OWN_BYTES)
      // Without an object store the server takes the bytes itself, at a path of its own.
      const url = new URL(urls[0]?.url ?? '', `http://127.0.0.1:${this.#share.ports[0] ?? 0}`)
      const body = { beginning, rest: this.#bytes.subarray(OWN_BYTES) }
      await putSlowly({ url, ...body, seconds }).finally(() => moving--)
      const askedMs = performance.now()
      await session.request('complete_upload', { attachmentId })
      complete.record(performance.now() - askedMs)
    }
    await runOpenLoop(perSecond, secondsOf(work), (_, intendedMs) => {
      const upload = this.#open.shift()
      if (upload !== undefined) results.add(intendedMs, bring(upload))
    })
    const settled = await results.settled()
    const bytes = settled.done * FILE_BYTES
    return { ...settled, movingAtOnce, bytes, completeLatencies: complete.toText() }
  }

  /** Gives some up. */
  async abort(work: HoldersWork): Promise<HoldersResult> {
    const { perSecond } = work
    const results = new Results()
    await runOpenLoop(perSecond, secondsOf(work), (_, intendedMs) => {
      const upload = this.#open.shift()
      if (upload === undefined) return
      const { person, attachmentId } = upload
      results.add(intendedMs, person.session.request('abort_upload', { attachmentId }))
    })
    return results.settled()
  }

  async #begin(person: Person): Promise<void> {
    const { session, conversationId } = person
    const attachmentId = newAttachmentId()
    const facts = { name: 'data.bin', contentType: 'application/octet-stream' }
    const upload = { attachmentId, conversationId, sizeBytes: FILE_BYTES, ...facts }
    await session.request('begin_upload', { upload })
    this.#open.push({ person, attachmentId })
  }
}

/** Whatever rounding does, exactly as many become due in it. */
function secondsOf({ uploads, perSecond }: HoldersWork): number {
  return (uploads + 0.5) / perSecond
}

/** Counts what was asked for, as it settles. */
class Results {
  readonly #latencies = new Latencies()
  readonly #pending = new Set<Promise<void>>()
  #failures = 0
  #firstFailure: string | undefined

  add(intendedMs: number, asked: Promise<unknown>): void {
    const settled = asked
      .then(
        () => this.#latencies.record(performance.now() - intendedMs),
        (error: unknown) => {
          this.#failures++
          this.#firstFailure ??= String(error)
        },
      )
      .finally(() => this.#pending.delete(settled))
    this.#pending.add(settled)
  }

  async settled(): Promise<HoldersResult> {
    await Promise.all(this.#pending)
    return {
      done: this.#latencies.count,
      failures: this.#failures,
      firstFailure: this.#firstFailure,
      latencies: this.#latencies.toText(),
    }
  }
}
