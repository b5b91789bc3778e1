import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { FfmpegStudio, tone } from '../../../media-worker/test/support/test-videos.ts'
import { requireProgram } from '../../../scripts/programs.mjs'
import { eventually } from '../eventually.ts'
import { signIn, takeScreenshot } from '../support/browser.ts'
import { messageWith, openConversation } from '../support/chat-page.ts'
import { connectClient } from '../support/connect-client.ts'
import { openStage } from '../support/stage.ts'

const TRIP = 'Sailing trip'
const WORDS = 'All of it'
const READY_DEADLINE_MS = 120_000

/** Longer than a minute, and still quickly made into two sizes. */
const LONG = [
  ...['-f', 'lavfi', '-i', 'testsrc2=size=640x480:duration=62:rate=4', ...tone(62)],
  ...['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-c:a', 'aac'],
]

// Run in pages, whose names are not those of the tests.
const PLAYS_NO_STREAMS = 'HTMLMediaElement.prototype.canPlayType = () => ""'
const READ_VIDEO =
  '[...document.querySelectorAll("video")].flatMap(({ currentTime, videoWidth }) => [currentTime, videoWidth])'

test('a long video is a stream in several qualities', async (context) => {
  const ffmpeg = requireProgram(context, 'ffmpeg')
  if (ffmpeg === undefined) return
  const stage = await openStage(context)
  if (stage === undefined) return
  const { product, browser } = stage
  const buffer = await new FfmpegStudio(ffmpeg).make('clip.mp4', LONG)
  await signIn(browser, product.otherUrl, 'bob')
  const alice = await connectClient(context, product.url, 'alice')
  const group = { kind: 'group', title: TRIP, memberIds: ['bob'] } as const
  const conversation = await alice.createConversation(group)
  const upload = conversation.upload(new File([buffer], 'Regatta.mp4', { type: 'video/mp4' }))
  await conversation.send({ text: WORDS, attachments: [upload] })
  await eventually(
    'the stream is there',
    () => {
      const sent = conversation.messages.flatMap((message) => message.attachments)
      return sent.some(({ variants }) => variants?.some(({ name }) => name === 'hls'))
    },
    READY_DEADLINE_MS,
  )

  const openPlayer = async (name: string, prepare?: (page: Page) => Promise<unknown>) => {
    const { page, complaints } = await signIn(browser, product.otherUrl, name)
    await prepare?.(page)
    await page.reload()
    await openConversation(page, TRIP)
    await messageWith(page, WORDS).getByRole('button', { name: /^Play/ }).click()
    return { page, complaints }
  }

  await context.test('its quality can be chosen where the browser plays streams', async () => {
    const { page, complaints } = await openPlayer('bob')
    await page.getByRole('button', { name: 'Quality: Auto' }).waitFor()
    await playsAt(page, 0.3)
    await chooseQuality(page, '360p')
    await playsAt(page, 0.5, 480)
    await takeScreenshot(page, 'desktop-light-stream')
    await page.context().close()
    assert.deepEqual(complaints, [])
  })

  await context.test('and where it does not, by a library that is loaded for it', async () => {
    const loaded: string[] = []
    const { page, complaints } = await openPlayer('bob', async (page) => {
      await page.addInitScript(PLAYS_NO_STREAMS)
      page.on('request', (request) => loaded.push(new URL(request.url()).pathname))
    })
    await page.getByRole('button', { name: 'Quality: Auto' }).waitFor()
    await playsAt(page, 0.3)
    await chooseQuality(page, '360p')
    await playsAt(page, 0.5, 480)
    assert.ok(loaded.some((path) => path.startsWith('/assets/hls')))
    assert.ok(loaded.some((path) => path.endsWith('.m4s')))
    await page.context().close()
    assert.deepEqual(complaints, [])
  })

  await context.test('the whole file is played where the stream cannot be had', async () => {
    const { page } = await openPlayer('bob', (page) =>
      page.route('**/h/**', (route) => route.abort()),
    )
    await playsAt(page, 0.3, 640)
    assert.equal(await page.getByRole('button', { name: /^Quality/ }).count(), 0)
    await page.context().close()
  })
})

async function chooseQuality(page: Page, quality: string): Promise<void> {
  await page.getByRole('button', { name: /^Quality/ }).click()
  await page.getByRole('menuitemradio', { name: quality }).click()
  await page.getByRole('button', { name: `Quality: ${quality}` }).waitFor()
}

/** Waits until the video is that far, in seconds, and shown in pictures of that width. */
async function playsAt(page: Page, seconds: number, width?: number): Promise<void> {
  await eventually(`it plays at ${String(width ?? 'any')} pixels`, async () => {
    const value: unknown = await page.evaluate(READ_VIDEO)
    assert.ok(Array.isArray(value))
    const [atSeconds = 0, atWidth = 0] = value.map(Number)
    return atSeconds >= seconds && atWidth === (width ?? atWidth)
  })
}
