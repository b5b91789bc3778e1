import { LIMITS, newAttachmentId, type LinkWanted } from '@satchel/protocol'
import { readProcess } from '../bench/process-meter.ts'
import { delay } from '../chaos/deadlines.ts'
import { MediaSession } from './media-session.ts'

export interface MintLinksOptions {
  readonly port: number
  readonly gatewayPid: number
  readonly tokenSecret: string
  readonly requests: number
}

export interface MintLinksResult {
  readonly links: number
  /** Of the gateway, for one link: membership looked up once for each request, the attachment for each link. */
  readonly cpuMs: number
  readonly requestP99Ms: number
}

const BYTES = new TextEncoder().encode('a few bytes')
/** The file waits behind all that were uploaded before. */
const DEADLINE_MS = 300_000

/** What links cost the gateway, as many in each request as are given at once. */
export async function measureMintLinks(options: MintLinksOptions): Promise<MintLinksResult> {
  const { port, gatewayPid, tokenSecret, requests } = options
  const opened = await MediaSession.open({ port, tokenSecret, userId: 'reader' })
  const one = await sendFile(opened)
  const wanted = Array.from({ length: LIMITS.linksPerRequest }, () => one)
  const tookMs: number[] = []
  const ask = async (times: number): Promise<void> => {
    for (let asked = 0; asked < times; asked++) {
      const startMs = performance.now()
      await opened.session.request('links', { wanted })
      tookMs.push(performance.now() - startMs)
    }
  }
  // Compiled and warm, as after a minute.
  await ask(Math.ceil(requests / 4))
  tookMs.length = 0
  const before = readProcess(gatewayPid).cpuMs
  await ask(requests)
  const links = requests * wanted.length
  const cpuMs = (readProcess(gatewayPid).cpuMs - before) / links
  opened.close()
  tookMs.sort((left, right) => left - right)
  return { links, cpuMs, requestP99Ms: tookMs[Math.floor(tookMs.length * 0.99)] ?? 0 }
}

/** Settles when links to it are given. */
async function sendFile(opened: MediaSession): Promise<LinkWanted> {
  const { session, conversationId } = opened
  const attachmentId = newAttachmentId()
  const facts = { name: 'note.txt', sizeBytes: BYTES.length, contentType: 'text/plain' }
  const plan = await session.request('begin_upload', {
    upload: { attachmentId, conversationId, ...facts },
  })
  const answer = await fetch(plan.urls[0]?.url ?? '', { method: 'PUT', body: BYTES })
  if (!answer.ok) throw new Error(`the store answered ${answer.status}`)
  await session.request('complete_upload', { attachmentId })
  const { seq = 0 } = await opened.command({
    kind: 'send_message',
    attachments: [{ id: attachmentId }],
  })
  const wanted = { conversationId, seq, attachmentId, variant: 'original' }
  const end = performance.now() + DEADLINE_MS
  for (;;) {
    const { links } = await session.request('links', { wanted: [wanted] })
    if (links[0]?.url !== undefined) return wanted
    if (performance.now() > end) throw new Error('no link was given in time')
    await delay(50)
  }
}
