import { newAttachmentId } from '@satchel/protocol'
import { readProcess } from '../bench/process-meter.ts'
import { runOpenLoop } from '../open-loop.ts'
import { MediaSession } from './media-session.ts'

export interface BeginAndCompleteOptions {
  readonly port: number
  readonly gatewayPid: number
  readonly tokenSecret: string
  readonly uploads: number
}

export interface UploadCost {
  /** Of the gateway, for one `begin_upload` and one `complete_upload`, bytes sent elsewhere in between. */
  readonly cpuMs: number
  /** What the kernel did of it, for the gateway. */
  readonly kernelMs: number
  readonly beginP99Ms: number
}

export interface BeginAndCompleteResult {
  /** A few at once, each after the one before. */
  readonly closed: UploadCost
  /** `PER_SECOND` whether or not earlier ones are done. */
  readonly open: UploadCost
  /** `CROWD` at once, each after the one before: as many as the servers take. */
  readonly crowded: UploadCost
  /** All of them at once. */
  readonly allAtOnce: UploadCost
  /** Of what was sent. */
  readonly bytesThroughGateway: number
}

export const PER_SECOND = 100
const AT_ONCE = 4
export const CROWD = 50
/** So many that nobody has more uploads pending than they may, when they take long. */
const UPLOADERS = 200
const BYTES = new TextEncoder().encode('a few bytes')

/** What an upload costs the gateway, which never sees its bytes. */
export async function measureBeginAndComplete(
  options: BeginAndCompleteOptions,
): Promise<BeginAndCompleteResult> {
  const { port, gatewayPid, tokenSecret, uploads } = options
  const uploaders = await Promise.all(
    Array.from({ length: UPLOADERS }, (_, index) =>
      MediaSession.open({ port, tokenSecret, userId: `uploader-${index}` }),
    ),
  )
  let turn = 0
  const beginMs: number[] = []
  let bytesThroughGateway = 0
  async function uploadOne(): Promise<void> {
    const uploader = uploaders[turn++ % UPLOADERS]
    if (uploader === undefined) return
    const { session, conversationId } = uploader
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
  async function costOf(upload: () => Promise<void>): Promise<UploadCost> {
    beginMs.length = 0
    const before = readProcess(gatewayPid)
    await upload()
    const after = readProcess(gatewayPid)
    const cpuMs = (after.cpuMs - before.cpuMs) / uploads
    const kernelMs = (after.kernelMs - before.kernelMs) / uploads
    beginMs.sort((one, other) => one - other)
    return { cpuMs, kernelMs, beginP99Ms: beginMs[Math.floor(beginMs.length * 0.99)] ?? 0 }
  }
  try {
    // Compiled and warm, as after a while.
    await uploadInLines(AT_ONCE, uploads, uploadOne)
    const closed = await costOf(() => uploadInLines(AT_ONCE, uploads, uploadOne))
    const open = await costOf(() => uploadAtRate(uploads, uploadOne))
    const crowded = await costOf(() => uploadInLines(CROWD, uploads, uploadOne))
    const allAtOnce = await costOf(() => uploadInLines(uploads, uploads, uploadOne))
    return { closed, open, crowded, allAtOnce, bytesThroughGateway }
  } finally {
    for (const uploader of uploaders) uploader.close()
  }
}

async function uploadInLines(
  lines: number,
  count: number,
  uploadOne: () => Promise<void>,
): Promise<void> {
  let left = count
  const line = async (): Promise<void> => {
    while (left-- > 0) await uploadOne()
  }
  await Promise.all(Array.from({ length: lines }, line))
}

async function uploadAtRate(count: number, uploadOne: () => Promise<void>): Promise<void> {
  const begun: Promise<void>[] = []
  await runOpenLoop(PER_SECOND, count / PER_SECOND, () => {
    const one = uploadOne()
    // Looked at below, when all were begun.
    one.catch(() => undefined)
    begun.push(one)
  })
  await Promise.all(begun)
}
