import { Readable } from 'node:stream'
import { ChatError } from '@satchel/protocol'
import { ProgressDeadline } from './progress-deadline.ts'

const IDLE_MS = 30_000

/** What is sent, as it comes from its source: exactly so many bytes, or it breaks off before the last of them. */
export interface SentBody {
  readonly stream: Readable
  /** When the store takes nothing for half a minute, and when the source fails. */
  readonly signal: AbortSignal
  /** Why the source failed, or `file_changed`; `undefined` while it did not. */
  failure(): unknown
  close(): void
}

export function openSentBody(source: AsyncIterable<Uint8Array>, sizeBytes: number): SentBody {
  const broken = new AbortController()
  const deadline = new ProgressDeadline(IDLE_MS, () => broken.abort())
  const stream = Readable.from(watched(exactly(source, sizeBytes), deadline), { objectMode: false })
  // The SDK does not listen: unheard, this would end the process.
  stream.on('error', () => broken.abort())
  return {
    stream,
    signal: broken.signal,
    failure: () => stream.errored ?? undefined,
    close() {
      deadline.pause()
      stream.destroy()
    },
  }
}

/** Holds back one chunk: the last one goes out only when it is sure to be the last. */
async function* exactly(
  source: AsyncIterable<Uint8Array>,
  sizeBytes: number,
): AsyncGenerator<Uint8Array> {
  let received = 0
  let held: Uint8Array | undefined
  for await (const chunk of source) {
    received += chunk.length
    if (received > sizeBytes) break
    if (held !== undefined) yield held
    held = chunk
  }
  if (received !== sizeBytes) {
    throw new ChatError('file_changed', `expected ${String(sizeBytes)} bytes`, { limit: sizeBytes })
  }
  if (held !== undefined) yield held
}

/** Time runs while the store has what it asked for and asks for no more. */
async function* watched(
  chunks: AsyncIterable<Uint8Array>,
  deadline: ProgressDeadline,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    deadline.restart()
    yield chunk
    deadline.pause()
  }
  deadline.restart()
}
