import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import sharp from 'sharp'
import { signIn, takeScreenshot } from '../support/browser.ts'
import { attach, createGroup, messageWith, openConversation, say } from '../support/chat-page.ts'
import { makePhonePhoto } from '../support/phone-photo.ts'
import { slowDown } from '../support/slow-network.ts'
import { openStage } from '../support/stage.ts'

const TRIP = 'Sailing trip'
const NAME = 'IMG_2041.jpg'

// Runs in the page, whose names are not those of the tests.
const PASTE = `(() => {
  const clipboardData = new DataTransfer()
  clipboardData.items.add(new File(['some words'], 'pasted.txt', { type: 'text/plain' }))
  const event = new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true })
  document.querySelector('.composer textarea').dispatchEvent(event)
})()`

test('uploads that are given up, and files that are no pictures', async (context) => {
  const stage = await openStage(context)
  if (stage === undefined) return
  const { product, browser } = stage
  const photo = { name: NAME, mimeType: 'image/jpeg', buffer: await makePhonePhoto() }
  const { page: alice } = await signIn(browser, product.url, 'alice')
  const { page: bob } = await signIn(browser, product.otherUrl, 'bob')
  await createGroup(alice, TRIP, ['bob'])
  await openConversation(bob, TRIP)

  await context.test('a file can be taken back before it is sent', async () => {
    const restoreSpeed = await slowDown(alice)
    await attach(alice, photo)
    await alice.getByRole('button', { name: `Remove ${NAME}` }).click()
    await alice.getByRole('list', { name: 'Attached files' }).waitFor({ state: 'detached' })
    await restoreSpeed()
  })

  await context.test('an upload can be cancelled after its message was sent', async () => {
    const restoreSpeed = await slowDown(alice)
    await attach(alice, photo)
    await say(alice, TRIP, 'Maybe this one')
    await messageWith(bob, 'Maybe this one').getByRole('progressbar').waitFor()
    await messageWith(alice, 'Maybe this one')
      .getByRole('button', { name: /^Cancel/ })
      .click()
    await messageWith(alice, 'Maybe this one').getByText('Cancelled by its sender').waitFor()
    await messageWith(bob, 'Maybe this one').getByText('Cancelled by its sender').waitFor()
    await takeScreenshot(bob, 'desktop-light-cancelled')
    await restoreSpeed()
  })

  await context.test(
    'a document is a card with name, size and a download of the same bytes',
    async () => {
      const buffer = Buffer.from(`%PDF-1.4\n${'% a line of a list\n'.repeat(3_000)}%%EOF`)
      await attach(alice, { name: 'Packing list.pdf', mimeType: 'application/pdf', buffer })
      await say(alice, TRIP, 'The list')
      const card = messageWith(bob, 'The list').getByRole('button', {
        name: 'Download Packing list.pdf',
      })
      await card.waitFor()
      const downloading = bob.waitForEvent('download')
      await card.click()
      const download = await downloading
      assert.equal(download.suggestedFilename(), 'Packing list.pdf')
      assert.deepEqual(await readFile(await download.path()), buffer)
      await takeScreenshot(bob, 'desktop-light-document')
    },
  )

  await context.test('dropped and pasted files are attached like picked ones', async () => {
    const main = alice.getByRole('main')
    await main.dispatchEvent('dragenter', await holdFile(alice, 'dropped.txt'))
    await alice.getByText(`Drop to attach to ${TRIP}`).waitFor()
    await takeScreenshot(alice, 'desktop-light-dropping')
    await main.dispatchEvent('drop', await holdFile(alice, 'dropped.txt'))
    await alice.evaluate(PASTE)
    const tray = alice.getByRole('list', { name: 'Attached files' })
    await tray.getByText('dropped.txt').waitFor()
    await tray.getByText('pasted.txt').waitFor()
    await say(alice, TRIP, 'Both ways')
    const message = messageWith(bob, 'Both ways')
    await message.getByRole('button', { name: 'Download dropped.txt' }).waitFor()
    await message.getByRole('button', { name: 'Download pasted.txt' }).waitFor()
  })

  await context.test('an upload that a reload interrupts goes on with the same file', async () => {
    const restoreSpeed = await slowDown(alice)
    await attach(alice, photo)
    await say(alice, TRIP, 'This one then')
    const message = messageWith(alice, 'This one then')
    await message.getByRole('button', { name: /^Cancel/ }).waitFor()
    await message.getByLabel(/^(Sent|Read)$/).waitFor()
    await alice.reload()
    await restoreSpeed()
    await message.getByRole('button', { name: 'Continue' }).waitFor()
    await takeScreenshot(alice, 'desktop-light-interrupted')
    await message.getByLabel(`${NAME} again`).setInputFiles(photo)
    await messageWith(bob, 'This one then').locator('img.sharp.shown').waitFor()
    await message.locator('img.sharp.shown').waitFor()
  })

  await context.test(
    'several pictures become a grid, and the viewer steps through them',
    async () => {
      const colours = ['#2d6aa8', '#9a4f12', '#24705b', '#7a4aa8', '#a83a5c']
      for (const [index, background] of colours.entries()) {
        const create = { width: 800, height: 600, channels: 3 as const, background }
        const buffer = await sharp({ create }).png().toBuffer()
        await attach(alice, { name: `colour-${String(index)}.png`, mimeType: 'image/png', buffer })
      }
      await say(alice, TRIP, 'Which one?')
      const message = messageWith(bob, 'Which one?')
      await message
        .locator('.image-grid img.sharp.shown')
        .nth(colours.length - 1)
        .waitFor()
      await takeScreenshot(bob, 'desktop-light-grid')
      await message.getByRole('button', { name: 'colour-0.png' }).click()
      await bob.getByRole('dialog').getByText('2 of 6').waitFor()
      await bob.keyboard.press('ArrowRight')
      await bob.getByRole('dialog').getByText('3 of 6').waitFor()
      await bob.keyboard.press('Escape')
    },
  )
})

/** What a page gets to see of a file that is held over it. */
async function holdFile(page: Page, name: string) {
  const dataTransfer = await page.evaluateHandle(`(() => {
    const held = new DataTransfer()
    held.items.add(new File(['some words'], '${name}', { type: 'text/plain' }))
    return held
  })()`)
  return { dataTransfer }
}
