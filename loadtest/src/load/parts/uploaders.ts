import { newAttachmentId, type AttachmentId } from '@satchel/protocol'
import { randomFillSync } from 'node:crypto'
import { Latencies } from '../../latencies.ts'
import { runOpenLoop } from '../../open-loop.ts'
import type { PeopleShare } from '../divide-people.ts'
import { connectPeople } from './connect-people.ts'
import { createPeople } from './create-people.ts'
import type { Person } from './person.ts'

export interface UploadWork {
  readonly uploadsPerSecond: number
  readonly seconds: number
  /** Of each file; 0 for the control plane alone: begun, asked about, given up, and nothing sent. */
  readonly sizeBytes: number
}

export interface UploadWorkResult {
  readonly uploads: number
  readonly failures: number
  readonly firstFailure: string | undefined
  /** Of each request, and of the whole, from when the upload was due. */
  readonly begin: string
  readonly end: string
  readonly whole: string
}

const FEW_BYTES = 1_000

/** People who send files, which go to wherever the server says. */
export class Uploaders {
  readonly #share: PeopleShare
  readonly #people: readonly Person[]

  constructor(share: PeopleShare) {
    this.#share = share
    this.#people = createPeople(share)
  }

  /** Connects them all, each in a group of their own. */
  async prepare(): Promise<void> {
    await connectPeople(this.#people, 1)
  }

  /** Settles when the last is complete. */
  async upload({ uploadsPerSecond, seconds, sizeBytes }: UploadWork): Promise<UploadWorkResult> {
    const [begin, end, whole] = [new Latencies(), new Latencies(), new Latencies()]
    let failures = 0
    let firstFailure: string | undefined
    const bytes = randomFillSync(Buffer.alloc(sizeBytes))
    const under: Promise<void>[] = []
    await runOpenLoop(uploadsPerSecond, seconds, (index, intendedMs) => {
      const person = this.#people[index % this.#people.length]
      if (person === undefined) return
      const one = this.#uploadOne({ person, bytes, begin, end }).then(
        () => whole.record(performance.now() - intendedMs),
        (error: unknown) => {
          failures++
          firstFailure ??= String(error)
        },
      )
      under.push(one)
    })
    await Promise.all(under)
    const latencies = { begin: begin.toText(), end: end.toText(), whole: whole.toText() }
    return { uploads: whole.count, failures, firstFailure, ...latencies }
  }

  async #uploadOne({ person, bytes, begin, end }: Upload): Promise<void> {
    const { session, conversationId } = person
    const attachmentId = newAttachmentId()
    const sizeBytes = bytes.length === 0 ? FEW_BYTES : bytes.length
    const facts = { name: 'data.bin', sizeBytes, contentType: 'application/octet-stream' }
    const startMs = performance.now()
    const upload = { attachmentId, conversationId, ...facts }
    const { urls } = await session.request('begin_upload', { upload })
    begin.record(performance.now() - startMs)
    if (bytes.length === 0) {
      await session.request('upload_status', { attachmentId })
    } else {
      const port = this.#share.ports[0] ?? 0
      await put(
        new URL(urls[0]?.url ?? '', `http://127.0.0.1:${port}`),
        ownBytes(bytes, attachmentId),
      )
    }
    const sentMs = performance.now()
    const last = bytes.length === 0 ? 'abort_upload' : 'complete_upload'
    await session.request(last, { attachmentId })
    end.record(performance.now() - sentMs)
  }
}

interface Upload {
  readonly person: Person
  readonly bytes: Buffer
  readonly begin: Latencies
  readonly end: Latencies
}

/** No two files are the same: the same bytes would be stored once. */
function ownBytes(bytes: Buffer, attachmentId: AttachmentId): Buffer {
  const own = Buffer.from(bytes)
  own.write(attachmentId)
  return own
}

async function put(url: URL, body: Buffer): Promise<void> {
  const answer = await fetch(url, { method: 'PUT', body: new Uint8Array(body) })
  if (!answer.ok) throw new Error(`the bytes were answered with ${answer.status}`)
  await answer.arrayBuffer()
}
