import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ChatClient, Conversation, MessageAttachment } from '@satchel/client'
import type { Page } from 'playwright-core'
import { eventually } from '../eventually.ts'
import { connectClient } from '../support/connect-client.ts'
import { makeMediaSamples, MARK, PLACE, type MediaSample } from '../support/media-samples.ts'
import { findCameraTraces } from '../support/phone-photo.ts'
import { openStage } from '../support/stage.ts'

const READY_DEADLINE_MS = 60_000

interface Row {
  readonly kind: string
  readonly uploaded: string
  readonly verdict: string
  readonly variants: string
  readonly metadata: string
  readonly browser: string
}

test('every type of media arrives, is judged, cleaned and shown', async (context) => {
  const stage = await openStage(context)
  if (stage === undefined) return
  const samples = await makeMediaSamples(context)
  if (samples === undefined) return
  const { product, browser } = stage
  const client = await connectClient(context, product.url, 'alice')
  const conversation = await client.createConversation({ kind: 'group', title: 'Media' })
  const page = await (await browser.newContext()).newPage()
  await page.goto(product.url)
  const rows: Row[] = []
  const problems: string[] = []
  for (const sample of samples) {
    try {
      rows.push(await tryOut(client, conversation, page, sample))
    } catch (error) {
      problems.push(`${sample.kind}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  for (const line of tableOf(rows)) context.diagnostic(line)
  assert.ok(problems.length === 0, problems.join('\n'))
})

async function tryOut(
  client: ChatClient,
  conversation: Conversation,
  page: Page,
  sample: MediaSample,
): Promise<Row> {
  const { kind, name, mimeType, buffer, shown, shownVariant } = sample
  const file = new Blob([buffer], { type: mimeType })
  const upload = client.upload(file, { conversationId: conversation.id, name })
  await conversation.send({ attachments: [upload] })
  await upload.done
  const attachment = await eventually(
    `${kind} is ready`,
    () => findFinished(conversation, upload.id, sample),
    READY_DEADLINE_MS,
  )
  const { state, contentType, variants = [] } = attachment
  assert.equal(state, 'ready')
  assert.equal(contentType, sample.contentType)
  assert.deepEqual(variants.map((one) => one.name).sort(), [...sample.variants].sort())
  const told = await findMarks(buffer, sample.contentType)
  assert.equal(told.length > 0, sample.tells, `it tells ${told.join(', ')}`)
  const traces: string[] = []
  for (const variant of variants) {
    const url = await client.link(attachment, variant.name)
    traces.push(...(await findTraces(url, variant.contentType)))
  }
  assert.deepEqual(traces, [])
  const url = await client.link(attachment, shownVariant)
  const browser = await show(page, shown, url)
  return {
    kind,
    uploaded: `${buffer.length} B`,
    verdict: `${state}, ${contentType}`,
    variants: variants.map((one) => one.name).join(' '),
    metadata: sample.tells ? 'gone' : 'none',
    browser,
  }
}

/** The attachment once nothing more becomes of it. */
function findFinished(
  { messages }: Conversation,
  id: string,
  { variants }: MediaSample,
): MessageAttachment | undefined {
  const attachment = messages.flatMap((message) => message.attachments).find((one) => one.id === id)
  if (attachment === undefined) return undefined
  if (attachment.state === 'uploading' || attachment.state === 'processing') return undefined
  const isLate =
    variants.includes('hls') && !attachment.variants?.some(({ name }) => name === 'hls')
  return isLate && attachment.state === 'ready' ? undefined : attachment
}

/** What of the sender's own is left in what is served; of HLS, in every file of it. */
async function findTraces(url: string, contentType: string): Promise<readonly string[]> {
  const response = await fetch(url)
  const bytes = Buffer.from(await response.arrayBuffer())
  assert.equal(response.status, 200, `${url}: ${bytes.toString('utf8', 0, 300)}`)
  const traces = await findMarks(bytes, contentType)
  if (contentType === 'application/vnd.apple.mpegurl') {
    for (const file of listFiles(bytes.toString())) {
      const type = file.endsWith('.m3u8') ? contentType : 'video/mp4'
      traces.push(...(await findTraces(new URL(file, url).href, type)))
    }
  }
  return traces
}

async function findMarks(bytes: Buffer, contentType: string): Promise<string[]> {
  const marks = [MARK, PLACE, PLACE.slice(0, 8)].filter((words) => bytes.includes(words))
  if (contentType.startsWith('image/')) marks.push(...(await findCameraTraces(bytes)))
  return marks
}

/** The files that a playlist names. */
function listFiles(playlist: string): readonly string[] {
  const lines = playlist.split('\n').map((line) => line.trim())
  const named = [...playlist.matchAll(/URI="([^"]+)"/g)].map(([, file = '']) => file)
  return [...named, ...lines.filter((line) => line !== '' && !line.startsWith('#'))]
}

/** Has Chromium show it, and says what came of it. */
async function show(page: Page, shown: MediaSample['shown'], url: string): Promise<string> {
  if (shown === 'download') {
    const response = await page.request.get(url)
    assert.match(response.headers()['content-disposition'] ?? '', /^attachment/)
    return 'downloads'
  }
  const seen: unknown = await page.evaluate(shown === 'picture' ? LOOK(url) : PLAY(shown, url))
  assert.match(String(seen), /^(shows|plays) /)
  return String(seen)
}

// These run in the page, whose names are not those of the tests.
const LOOK = (url: string): string => `(async () => {
  const image = new Image()
  image.src = ${JSON.stringify(url)}
  await image.decode()
  return 'shows ' + image.naturalWidth + ' × ' + image.naturalHeight
})()`
const PLAY = (element: 'video' | 'audio', url: string): string => `(async () => {
  const media = document.createElement(${JSON.stringify(element)})
  media.muted = true
  media.src = ${JSON.stringify(url)}
  document.body.append(media)
  const ended = new Promise((resolve, reject) => {
    media.onended = resolve
    media.onerror = () => reject(new Error('cannot play: ' + media.error?.message))
  })
  await media.play()
  await ended
  media.remove()
  return 'plays ' + media.currentTime.toFixed(1) + ' s'
})()`

function tableOf(rows: readonly Row[]): readonly string[] {
  const columns = ['kind', 'uploaded', 'verdict', 'variants', 'metadata', 'browser'] as const
  const head: Row = {
    kind: 'type',
    uploaded: 'uploaded',
    verdict: 'verdict',
    variants: 'variants',
    metadata: 'metadata',
    browser: 'Chromium',
  }
  const all = [head, ...rows]
  const widths = columns.map((column) => Math.max(...all.map((row) => row[column].length)))
  return all.map((row) =>
    columns.map((column, index) => row[column].padEnd(widths[index] ?? 0)).join('  '),
  )
}
