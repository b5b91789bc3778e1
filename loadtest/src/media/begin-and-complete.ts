import { newAttachmentId } from '@satchel/protocol'
import { readProcess } from '../bench/process-meter.ts'
import { MediaSession } from './media-session.ts'

export interface BeginAndCompleteOptions {
  readonly port: number
  readonly gatewayPid: number
  readonly tokenSecret: string
  readonly uploads: number
}

export interface BeginAndCompleteResult {
  readonly uploads: number
  /** Of the gateway, for one `begin_upload` and one `complete_upload`, bytes sent elsewhere in between. */
  readonly cpuMs: number
  readonly beginP99Ms: number
  /** Of what was sent. */
  readonly bytesThroughGateway: number
}

const AT_ONCE = 4
const BYTES = new TextEncoder().encode('a few bytes')

/** What an upload costs the gateway, which never sees its bytes. */
export async function measureBeginAndComplete(
  options: BeginAndCompleteOptions,
): Promise<BeginAndCompleteResult> {
  const { port, gatewayPid, tokenSecret, uploads } = options
  const opened = await MediaSession.open({ port, tokenSecret, userId: 'uploader' })
  const { session, conversationId } = opened
  const beginMs: number[] = []
  let bytesThroughGateway = 0
  async function uploadOne(): Promise<void> {
    const attachmentId = newAttachmentId()
    const facts = { name: 'note.txt', sizeBytes: BYTES.length, contentType: 'text/plain' }
    const startMs = performance.now()
    const plan = await session.request('begin_upload', {
      upload: { attachmentId, conversationId, ...facts },
    })
    beginMs.push(performance.now() - startMs)
    const url = new URL(plan.urls[0]?.url ?? '')
    if (Number(url.port) === port) bytesThroughGateway += BYTES.length
    const answer = await fetch(url, { method: 'PUT', body: BYTES })
    if (!answer.ok) throw new Error(`the store answered ${answer.status}`)
    await session.request('complete_upload', { attachmentId })
  }
  async function uploadMany(count: number): Promise<void> {
    let left = count
    const line = async (): Promise<void> => {
      while (left-- > 0) await uploadOne()
    }
    await Promise.all(Array.from({ length: AT_ONCE }, line))
  }
  // Compiled and warm, as after a minute.
  await uploadMany(Math.ceil(uploads / 4))
  beginMs.length = 0
  const before = readProcess(gatewayPid).cpuMs
  await uploadMany(uploads)
  const cpuMs = (readProcess(gatewayPid).cpuMs - before) / uploads
  opened.close()
  beginMs.sort((one, other) => one - other)
  const beginP99Ms = beginMs[Math.floor(beginMs.length * 0.99)] ?? 0
  return { uploads, cpuMs, beginP99Ms, bytesThroughGateway }
}
