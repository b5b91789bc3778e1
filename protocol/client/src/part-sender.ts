import { ChatError } from '@satchel/protocol'
import { fullJitterMs } from './back-off.ts'
import { pause } from './clock.ts'
import type { Clock } from './clock.ts'
import { createLinkedAbort } from './linked-abort.ts'
import type { PartTransport } from './part-transport.ts'

export interface PartSenderDeps {
  readonly clock: Clock
  readonly random: () => number
  readonly transport: PartTransport
  readonly signal: AbortSignal
}

export interface PartToSend {
  readonly body: Blob
  /** Where to; `isRefused`: the last one was no good. */
  readonly url: (isRefused: boolean) => Promise<string>
  readonly onProgress: (sentBytes: number) => void
}

const TRIES_MAX = 8
const RETRY = { baseMs: 500, capMs: 20_000 }
/** A body that takes longer than at 16 KB/s is taken for stuck. */
const DEADLINE_BASE_MS = 30_000
const SLOWEST_BYTES_PER_MS = 16

type Outcome = 'sent' | 'renew_url' | 'retry'

/** Brings one part to its place, whatever it takes: new URLs, up to eight tries with full jitter. */
export async function sendPart(
  deps: PartSenderDeps,
  { body, url, onProgress }: PartToSend,
): Promise<void> {
  const { clock, random, transport, signal } = deps
  let isUrlRefused = false
  let status: number | undefined
  for (let attempt = 0; attempt < TRIES_MAX; attempt++) {
    if (attempt > 0) await pause(clock, fullJitterMs(RETRY, attempt - 1, random), signal)
    const target = await url(isUrlRefused)
    const { controller: deadline, unlink } = createLinkedAbort(signal)
    const deadlineMs = DEADLINE_BASE_MS + body.size / SLOWEST_BYTES_PER_MS
    const cancelDeadline = clock.setTimer(deadlineMs, () => {
      deadline.abort()
    })
    try {
      status = await transport.put(target, body, { signal: deadline.signal, onProgress })
    } catch (error) {
      if (signal.aborted) throw error
      status = undefined
    } finally {
      cancelDeadline()
      unlink()
    }
    const outcome = judge(status)
    if (outcome === 'sent') return
    onProgress(0)
    isUrlRefused = outcome === 'renew_url'
  }
  const answer = status === undefined ? 'no answer' : `HTTP status ${String(status)}`
  throw new ChatError(status === 400 ? 'file_changed' : 'unavailable', `a part got ${answer}`)
}

function judge(status: number | undefined): Outcome {
  if (status === undefined) return 'retry'
  if (status >= 200 && status < 300) return 'sent'
  return status === 403 || status === 410 ? 'renew_url' : 'retry'
}
