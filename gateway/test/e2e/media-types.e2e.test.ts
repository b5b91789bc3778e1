import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { eventually } from '../eventually.ts'
import { PHONE_CONTEXT, signIn, takeScreenshot } from '../support/browser.ts'
import {
  attach,
  composer,
  createGroup,
  messageWith,
  openConversation,
  say,
} from '../support/chat-page.ts'
import { openStage } from '../support/stage.ts'
import { makeTestMedia } from '../support/test-media.ts'

const TRIP = 'Sailing trip'

// Runs in the page, whose names are not those of the tests.
const REFUSE_MICROPHONE = `navigator.mediaDevices.getUserMedia = () =>
  Promise.reject(new DOMException('refused', 'NotAllowedError'))`

test('every kind of media, from one screen to the other', async (context) => {
  const media = await makeTestMedia(context)
  if (media === undefined) return
  const stage = await openStage(context)
  if (stage === undefined) return
  const { product, browser } = stage
  const { page: alice, complaints: aliceComplaints } = await signIn(browser, product.url, 'alice')
  const { page: bob, complaints: bobComplaints } = await signIn(browser, product.otherUrl, 'bob')
  await createGroup(alice, TRIP, ['bob'])
  await openConversation(bob, TRIP)

  await context.test('a video plays where it stands, and in the viewer', async () => {
    await attach(alice, media.video)
    await say(alice, TRIP, 'Leaving the harbour')
    const message = messageWith(bob, 'Leaving the harbour')
    const poster = message.getByRole('button', { name: /^Play: Video Harbour.mp4, 5 seconds/ })
    await poster.locator('img.sharp.shown').waitFor()
    const before = await poster.boundingBox()
    await takeScreenshot(bob, 'desktop-light-video')
    await poster.click()
    await message.locator('video').waitFor()
    await eventually('the video plays', async () => (await playedTimes(bob, 'video'))[0]! > 0.5)
    assert.deepEqual(await message.locator('.playing').boundingBox(), before)
    assert.deepEqual(await readNumbers(bob, 'videoWidth, videoHeight', 'video'), [640, 360])
    await takeScreenshot(bob, 'desktop-light-video-playing')
    await message.getByRole('button', { name: 'Show larger' }).click()
    await bob.getByRole('dialog').locator('video').waitFor()
    await eventually('it plays there', async () => (await playedTimes(bob, 'video')).at(-1)! > 0.5)
    assert.equal((await playedTimes(bob, 'video')).length, 1, 'and there alone')
    await bob.keyboard.press('Escape')
  })

  await context.test('a voice message is recorded, sent, and heard', async () => {
    await alice.getByRole('button', { name: 'Record a voice message' }).click()
    await bob.getByRole('main').getByText('alice is recording a message').waitFor()
    await alice
      .getByRole('timer')
      .getByText(/^0:0[2-9]$/)
      .waitFor()
    await takeScreenshot(alice, 'desktop-light-recording')
    await alice.getByRole('button', { name: 'Send the recording' }).click()
    await composer(alice, TRIP).waitFor()
    const player = bob.getByRole('group', { name: 'Voice message' })
    await player.getByRole('button', { name: 'Play Voice message' }).click()
    await eventually('it is heard', async () => (await playedTimes(bob, 'audio')).at(-1)! > 0.3)
    const slider = player.getByRole('slider')
    assert.ok(Number(await slider.getAttribute('aria-valuemax')) >= 2, 'its length is known')
    await takeScreenshot(bob, 'desktop-light-voice-message')
  })

  await context.test('of a thrown away recording nothing is left', async () => {
    await alice.getByRole('button', { name: 'Record a voice message' }).click()
    await alice.getByRole('timer').waitFor()
    await alice.keyboard.press('Escape')
    await composer(alice, TRIP).waitFor()
    assert.equal(await alice.getByRole('group', { name: 'Voice message' }).count(), 1)
  })

  await context.test('who lets no page hear them is told what to do', async () => {
    await alice.evaluate(REFUSE_MICROPHONE)
    await alice.getByRole('button', { name: 'Record a voice message' }).click()
    await alice.getByText('This page may not use the microphone.').waitFor()
    await composer(alice, TRIP).waitFor()
    await takeScreenshot(alice, 'desktop-light-no-microphone')
  })

  await context.test('a song is played, sought through, and alone', async () => {
    await attach(alice, media.song)
    await say(alice, TRIP, 'Our song')
    const message = messageWith(bob, 'Our song')
    await message.getByRole('button', { name: /^Play/ }).click()
    const slider = message.getByRole('slider')
    assert.equal(await slider.getAttribute('aria-valuemax'), '20')
    await slider.press('End')
    await slider.press('ArrowLeft')
    const sought = async () => Number(await slider.getAttribute('aria-valuenow')) >= 15
    await eventually('it goes on from there', sought)
    await message.getByRole('button', { name: 'Speed: 1×' }).click()
    await message.getByRole('button', { name: 'Speed: 1.5×' }).waitFor()
    const playing = `[...document.querySelectorAll("audio, video")].filter((one) => !one.paused).length`
    assert.ok(Number(await bob.evaluate(playing)) <= 1)
    assert.ok((await readNumbers(bob, 'playbackRate', 'audio')).every((rate) => rate === 1.5))
    await takeScreenshot(bob, 'desktop-light-song')
  })

  await context.test('an animation moves, unless somebody wants stillness', async () => {
    await attach(alice, media.animation)
    await say(alice, TRIP, 'Waving')
    const message = messageWith(bob, 'Waving')
    await message.locator('.moving.shown').waitFor()
    await bob.emulateMedia({ reducedMotion: 'reduce' })
    await message.locator('.moving').waitFor({ state: 'detached' })
    await message.getByRole('button', { name: 'Play the animation' }).click()
    await message.locator('.moving.shown').waitFor()
    await bob.emulateMedia({ reducedMotion: null })
    await takeScreenshot(bob, 'desktop-light-animation')
  })

  await context.test('a picture of a phone that writes HEIC is one like any other', async () => {
    await attach(alice, media.heic)
    await say(alice, TRIP, 'From my phone')
    const message = messageWith(bob, 'From my phone')
    await message.locator('img.sharp.shown').waitFor()
    await message.getByRole('button', { name: 'Photo IMG_3077.HEIC' }).click()
    await bob.getByRole('dialog').locator('img.shown').waitFor()
    const size = await readNumbers(bob, 'naturalWidth, naturalHeight', 'dialog img.shown')
    assert.deepEqual(size, [600, 400])
    await bob.keyboard.press('Escape')
  })

  await context.test('a document is a card, and the download is the same bytes', async () => {
    await attach(alice, media.document)
    await say(alice, TRIP, 'The list')
    const downloading = bob.waitForEvent('download')
    await messageWith(bob, 'The list')
      .getByRole('button', { name: /^Download Packing list.pdf/ })
      .click()
    const download = await downloading
    assert.equal(download.suggestedFilename(), media.document.name)
    assert.deepEqual(await readFile(await download.path()), media.document.buffer)
  })

  await context.test(
    'a photo that cannot be cleaned goes to nobody, and its sender is told',
    async () => {
      const buffer = Buffer.from('II*\0\x10\0\0\0CR\x02\0', 'latin1')
      await attach(alice, { name: 'IMG_4242.CR2', mimeType: 'image/x-canon-cr2', buffer })
      await say(alice, TRIP, 'As it left the camera')
      const own = messageWith(alice, 'As it left the camera')
      await own.getByText(/cannot be removed.*Send it as JPEG/).waitFor()
      const shown = messageWith(bob, 'As it left the camera')
      await shown.getByText(/cannot be removed/).waitFor()
      assert.equal(await shown.getByRole('button', { name: /^Download/ }).count(), 0)
      await takeScreenshot(alice, 'desktop-light-not-cleaned')
    },
  )

  await context.test('all of it fits a phone', async () => {
    const { page: phone } = await signIn(browser, product.otherUrl, 'bob', PHONE_CONTEXT)
    await openConversation(phone, TRIP)
    await messageWith(phone, 'Our song').getByRole('slider').waitFor()
    const overflow = 'document.scrollingElement.scrollWidth - innerWidth'
    assert.equal(await phone.evaluate(overflow), 0)
    await takeScreenshot(phone, 'phone-light-media')
    await phone.emulateMedia({ colorScheme: 'dark' })
    await messageWith(phone, 'Our song').scrollIntoViewIfNeeded()
    await takeScreenshot(phone, 'phone-dark-media')
    await messageWith(phone, 'Leaving the harbour').getByRole('button', { name: /^Play/ }).tap()
    await eventually('the video plays', async () => (await playedTimes(phone, 'video'))[0]! > 0.2)
    await phone.context().close()
  })

  assert.deepEqual([...aliceComplaints, ...bobComplaints], [])
})

/** How far everything of a kind on the page has been played, in seconds. */
async function playedTimes(page: Page, tag: 'audio' | 'video'): Promise<readonly number[]> {
  return await readNumbers(page, 'currentTime', `${tag}:not([loop])`)
}

// Runs in the page, whose names are not those of the tests.
async function readNumbers(
  page: Page,
  names: string,
  selector: string,
): Promise<readonly number[]> {
  const read = `[...document.querySelectorAll("${selector}")].flatMap(({ ${names} }) => [${names}])`
  const value: unknown = await page.evaluate(read)
  assert.ok(Array.isArray(value))
  return value.map(Number)
}
