import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { Page } from 'playwright-core'
import { eventually } from '../eventually.ts'
import { PHONE_CONTEXT, signIn, takeScreenshot } from '../support/browser.ts'
import {
  attach,
  chooseMore,
  createGroup,
  messageWith,
  openConversation,
  pressTool,
  say,
} from '../support/chat-page.ts'
import { connectClient } from '../support/connect-client.ts'
import { makePhonePhoto } from '../support/phone-photo.ts'
import type { Product } from '../support/product.ts'
import { openStage } from '../support/stage.ts'

const TRIP = 'Sailing trip'
const NAME = 'IMG_2041.jpg'
const TAP_DEADLINE_MS = 4_000

test('words about pictures, and messages that are pinned', async (context) => {
  const stage = await openStage(context)
  if (stage === undefined) return
  const { product, browser } = stage
  const photo = { name: NAME, mimeType: 'image/jpeg', buffer: await makePhonePhoto() }
  const { page: alice, complaints: aliceComplaints } = await signIn(browser, product.url, 'alice')
  const { page: bob, complaints: bobComplaints } = await signIn(browser, product.otherUrl, 'bob')
  await createGroup(alice, TRIP, ['bob'])
  await openConversation(bob, TRIP)

  await context.test('a picture is sent with a caption, a description, and hidden', async () => {
    await attach(alice, photo)
    await alice.getByRole('button', { name: `Describe ${NAME}` }).click()
    const dialog = alice.getByRole('dialog', { name: NAME })
    await dialog.getByLabel('Caption').fill('Where we anchored')
    await dialog.getByLabel('Description').fill('A red square over a bay with a white sail')
    await dialog.getByRole('switch').check()
    await takeScreenshot(alice, 'desktop-light-describing')
    await dialog.getByRole('button', { name: 'Done' }).click()
    await takeScreenshot(alice, 'desktop-light-described')
    await say(alice, TRIP, 'No peeking')
    const picture = bob.getByRole('button', { name: 'A red square over a bay with a white sail' })
    await picture.getByText('Show picture').waitFor()
    await messageWith(bob, 'No peeking').getByText('Where we anchored').waitFor()
    assert.equal(await picture.locator('img.sharp').count(), 0, 'nothing of it is loaded')
    await picture.locator('img.placeholder').waitFor()
    await takeScreenshot(bob, 'desktop-light-hidden')
    await picture.click()
    await picture.locator('img.sharp.shown').waitFor()
    await picture.click()
    await bob.getByRole('dialog').getByText('Where we anchored').waitFor()
    await bob.keyboard.press('Escape')
  })

  await context.test('who leads pins a message, and all see it wherever they are', async () => {
    await say(alice, TRIP, 'We meet at the harbour at nine')
    await messageWith(bob, 'at nine').waitFor()
    await pressTool(bob, 'at nine', 'More')
    await bob.getByRole('menuitem', { name: 'Reply' }).waitFor()
    assert.equal(await bob.getByRole('menuitem', { name: 'Pin' }).count(), 0)
    await bob.keyboard.press('Escape')
    await menuFollows(bob, 'at nine', alice)
    await chooseMore(alice, 'at nine', 'Pin')
    await pinnedBar(bob).getByText('We meet at the harbour at nine').waitFor()
    await messageWith(bob, 'alice pinned a message').waitFor()
    await takeScreenshot(bob, 'desktop-light-pinned')
    await sendLines(context, product, 60)
    await messageWith(bob, 'Line 60').waitFor()
    await bob.reload()
    await pinnedBar(bob).getByText('We meet at the harbour at nine').waitFor()
    await pinnedBar(bob).getByRole('button', { name: 'We meet' }).click()
    await messageWith(bob, 'We meet at the harbour').waitFor()
  })

  await context.test('members pin where they may, and whoever may unpins', async () => {
    await alice.getByRole('button', { name: 'About this conversation' }).click()
    await alice.getByRole('switch', { name: 'All members may pin messages' }).check()
    await takeScreenshot(alice, 'desktop-light-details')
    await alice.getByRole('dialog').getByRole('button', { name: 'Close' }).click()
    await chooseMore(bob, 'Line 60', 'Pin')
    await pinnedBar(alice).getByText('Line 60').waitFor()
    await pinnedBar(alice).getByRole('button', { name: 'All pinned messages, 2' }).click()
    const all = alice.getByRole('dialog', { name: 'Pinned messages' })
    await all.getByText('We meet at the harbour at nine').waitFor()
    await takeScreenshot(alice, 'desktop-light-pins')
    await all
      .getByRole('listitem')
      .filter({ hasText: 'Line 60' })
      .getByRole('button', { name: 'Unpin' })
      .click()
    await all.getByText('Line 60').waitFor({ state: 'detached' })
    await pinnedBar(bob).getByText('We meet at the harbour at nine').waitFor()
  })

  await context.test('a menu stays beside its message while others come', async () => {
    await alice.keyboard.press('Escape')
    await say(alice, TRIP, 'Who brings lunch?')
    await menuFollows(bob, 'Who brings lunch?', alice)
  })

  await context.test('a phone shows it all', async () => {
    const { page: phone } = await signIn(browser, product.otherUrl, 'bob', PHONE_CONTEXT)
    await openConversation(phone, TRIP)
    await pinnedBar(phone).getByText('We meet at the harbour at nine').waitFor()
    await phone.emulateMedia({ colorScheme: 'dark' })
    await takeScreenshot(phone, 'phone-dark-pinned')
    await phone.emulateMedia({ colorScheme: 'light' })
    await attach(phone, photo)
    const describe = phone.getByRole('button', { name: `Describe ${NAME}` })
    const caption = phone.getByRole('dialog').getByLabel('Caption')
    // What is being uploaded changes under the finger: as a person does, once more when nothing came of it.
    await eventually('the dialog is open', async () => {
      await describe.tap()
      return caption.waitFor({ timeout: TAP_DEADLINE_MS }).then(
        () => true,
        () => false,
      )
    })
    await takeScreenshot(phone, 'phone-light-describing')
    await phone.context().close()
  })

  assert.deepEqual([...aliceComplaints, ...bobComplaints], [])
})

/** More than a screen of them, from another of alice's devices. */
async function sendLines(context: TestContext, { url }: Product, count: number): Promise<void> {
  const phone = await connectClient(context, url, 'alice')
  const trip = phone.inbox.conversations.find(({ title }) => title === TRIP)
  assert.ok(trip)
  const conversation = phone.conversation(trip.conversationId)
  const lines = Array.from({ length: count }, (_, n) => `Line ${String(n + 1)}`)
  await Promise.all(lines.map((line) => conversation.send(line)))
}

function pinnedBar(page: Page) {
  return page.getByRole('region', { name: 'Pinned messages' })
}

/** Opens a message's menu for `reader`; it goes where the message goes when `writer` writes more, and works. */
async function menuFollows(reader: Page, text: string, writer: Page): Promise<void> {
  await pressTool(reader, text, 'More')
  const menu = reader.getByRole('menu', { name: 'More' })
  const before = await menu.boundingBox()
  for (const answer of ['I do', 'Sandwiches', 'And apples']) await say(writer, TRIP, answer)
  await messageWith(reader, 'And apples').waitFor()
  await eventually('the menu has moved with its message', async () => {
    const now = await menu.boundingBox()
    return now !== null && before !== null && now.y !== before.y
  })
  await menu.getByRole('menuitem', { name: 'Reply' }).click()
  await reader.getByText('Reply to alice').waitFor()
  await reader.keyboard.press('Escape')
}
