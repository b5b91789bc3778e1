import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import type { Page, Route } from 'playwright-core'
import sharp from 'sharp'
import { PHONE_CONTEXT, signIn, takeScreenshot } from '../support/browser.ts'
import { attach, createGroup, messageWith, openConversation, say } from '../support/chat-page.ts'
import { readPassedBytes } from '../support/passed-bytes.ts'
import { CORNER, findCameraTraces, makePhonePhoto } from '../support/phone-photo.ts'
import { slowDown } from '../support/slow-network.ts'
import { openStage } from '../support/stage.ts'

const TRIP = 'Sailing trip'
const NAME = 'IMG_2041.jpg'

// Runs in the page, whose names are not those of the tests.
const READ_NATURAL_SIZE =
  '[...document.querySelectorAll("img.sharp.shown")].flatMap((image) => [image.naturalWidth, image.naturalHeight])'

test('a photo from a phone, from the picker to the other screen', async (context) => {
  const stage = await openStage(context)
  if (stage === undefined) return
  const { product, browser } = stage
  const photo = { name: NAME, mimeType: 'image/jpeg', buffer: await makePhonePhoto() }
  assert.deepEqual(
    (await findCameraTraces(photo.buffer)).slice(0, 3),
    ['EXIF', 'GPS', 'orientation 6'],
    'the photo is one that gives its place away',
  )
  const { page: alice, complaints: aliceComplaints } = await signIn(browser, product.url, 'alice')
  const { page: bob, complaints: bobComplaints } = await signIn(browser, product.otherUrl, 'bob')
  const servedToBob = collectMedia(bob)
  const passedBefore = await readPassedBytes(product)
  await createGroup(alice, TRIP, ['bob'])
  await openConversation(bob, TRIP)

  await context.test('the others see it coming while it is being sent', async () => {
    const restoreSpeed = await slowDown(alice)
    await attach(alice, photo)
    await alice.getByRole('list', { name: 'Attached files' }).getByRole('img').waitFor()
    await takeScreenshot(alice, 'desktop-light-attached')
    await say(alice, TRIP, 'The bay yesterday')
    const progress = messageWith(bob, 'The bay yesterday').getByRole('progressbar')
    const isPartWay = '[aria-valuenow]:not([aria-valuenow="0"], [aria-valuenow="100"])'
    await progress.and(bob.locator(isPartWay)).waitFor()
    await takeScreenshot(bob, 'desktop-light-receiving')
    await restoreSpeed()
  })

  await context.test(
    'a placeholder in its shape stands in until the preview is there',
    async () => {
      const release = await holdMedia(bob)
      const picture = messageWith(bob, 'The bay yesterday').getByRole('button', { name: NAME })
      await picture.waitFor()
      await picture.locator('img.placeholder[src^="data:image/png"]').waitFor()
      const before = await picture.boundingBox()
      await takeScreenshot(bob, 'desktop-light-placeholder')
      await release()
      await picture.locator('img.sharp.shown').waitFor()
      const after = await picture.boundingBox()
      assert.deepEqual(after, before, 'nothing moves when the preview comes')
      assert.ok(before !== null && Math.abs(before.width / before.height - 0.75) < 0.02)
      await takeScreenshot(bob, 'desktop-light-photo')
      await bob.emulateMedia({ colorScheme: 'dark' })
      await takeScreenshot(bob, 'desktop-dark-photo')
      await bob.emulateMedia({ colorScheme: 'light' })
    },
  )

  await context.test('the preview stands upright', async () => {
    const [width = 0, height = 0] = requireNumbers(await bob.evaluate(READ_NATURAL_SIZE))
    assert.ok(width > 0 && width < height, `${String(width)} × ${String(height)}`)
    const shown = await bob.locator('button.picture').screenshot()
    assertMarked(await pixelAt(shown, 0.1, 0.1))
    const [red = 0] = await pixelAt(shown, 0.9, 0.1)
    assert.ok(Math.abs(red - CORNER.r) > 60, 'the mark is in one corner only')
  })

  await context.test('the viewer shows it, and the download is whole and clean', async () => {
    await messageWith(bob, 'The bay yesterday').getByRole('button', { name: NAME }).click()
    const viewer = bob.getByRole('dialog')
    await viewer.getByRole('img', { name: NAME }).waitFor()
    await viewer.locator('img.shown').waitFor()
    await takeScreenshot(bob, 'desktop-light-viewer')
    const downloading = bob.waitForEvent('download')
    await bob.keyboard.press('d')
    const download = await downloading
    assert.equal(download.suggestedFilename().replace(/\.\w+$/, ''), 'IMG_2041')
    const bytes = await readFile(await download.path())
    const { width, height } = await sharp(bytes).metadata()
    assert.deepEqual([width, height], [3_000, 4_000])
    assert.deepEqual(await findCameraTraces(bytes), [])
    assertMarked(await pixelAt(bytes, 0.05, 0.05))
    await bob.keyboard.press('Escape')
    await viewer.waitFor({ state: 'detached' })
  })

  await context.test('nothing that was served gives the place away', async () => {
    assert.ok(servedToBob.size >= 2, `${String(servedToBob.size)} pictures were served`)
    for (const url of servedToBob) {
      const response = await fetch(url)
      assert.equal(response.status, 200, url)
      assert.deepEqual(await findCameraTraces(Buffer.from(await response.arrayBuffer())), [], url)
    }
  })

  await context.test('a phone that comes later gets it too', async () => {
    const { page: phone } = await signIn(browser, product.otherUrl, 'bob', PHONE_CONTEXT)
    await openConversation(phone, TRIP)
    await phone.locator('img.sharp.shown').waitFor()
    await takeScreenshot(phone, 'phone-light-photo')
    await phone.emulateMedia({ colorScheme: 'dark' })
    await takeScreenshot(phone, 'phone-dark-photo')
    await phone.locator('button.picture').tap()
    await phone.getByRole('dialog').getByRole('img', { name: NAME }).waitFor()
    await takeScreenshot(phone, 'phone-viewer')
    await phone.context().close()
  })

  await context.test('no byte of it has passed a gateway or a chat-core that is one', async () => {
    const passed = await readPassedBytes(product)
    for (const [index, { name, media, chat, storeCalls }] of passed.entries()) {
      const before = passedBefore[index]
      assert.equal(media, 0, name)
      const carried = chat - (before?.chat ?? 0)
      assert.ok(carried > 0 && carried < photo.buffer.length / 2, `${name}: ${String(carried)}`)
      if (name.startsWith('chat-core')) assert.equal(storeCalls, before?.storeCalls, name)
    }
  })

  assert.deepEqual([...aliceComplaints, ...bobComplaints], [])
})

/** Keeps previews from arriving until the returned function is called. */
async function holdMedia(page: Page): Promise<() => Promise<void>> {
  const held: Route[] = []
  let isHolding = true
  await page.route('**/m/**', async (route) => {
    if (isHolding) held.push(route)
    else await route.continue()
  })
  return async () => {
    isHolding = false
    await Promise.all(held.map((route) => route.continue()))
    await page.unroute('**/m/**')
  }
}

/**
 * Where a page loads media from now on. What a link leads to never changes: a browser that hands downloads on keeps
 * no copy of them to look at.
 */
function collectMedia(page: Page): ReadonlySet<string> {
  const urls = new Set<string>()
  page.on('response', (response) => {
    const url = response.url()
    if (new URL(url).pathname.startsWith('/m/') && response.ok()) urls.add(url)
  })
  return urls
}

/** The colour of a place in a picture, given as parts of its width and height. */
async function pixelAt(picture: Buffer, x: number, y: number): Promise<readonly number[]> {
  const { width, height } = await sharp(picture).metadata()
  const place = { left: Math.floor(width * x), top: Math.floor(height * y), width: 1, height: 1 }
  return [...(await sharp(picture).extract(place).removeAlpha().raw().toBuffer())]
}

function assertMarked([red = 0, green = 0, blue = 0]: readonly number[]): void {
  const distance = Math.hypot(red - CORNER.r, green - CORNER.g, blue - CORNER.b)
  assert.ok(distance < 40, `the upper left is rgb(${[red, green, blue].join(', ')})`)
}

function requireNumbers(value: unknown): readonly number[] {
  assert.ok(Array.isArray(value))
  return value.map(Number)
}
