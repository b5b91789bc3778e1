import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import sharp from 'sharp'
import { PHONE_CONTEXT, signIn, takeScreenshot } from '../support/browser.ts'
import {
  announced,
  attach,
  chooseMore,
  composer,
  createGroup,
  inboxRow,
  messages,
  messageWith,
  openConversation,
  say,
} from '../support/chat-page.ts'
import { openStage } from '../support/stage.ts'

const TRIP = 'Sailing trip'
const FAMILY = 'Family'
const NAME = 'IMG_2041.jpg'
const DESCRIPTION = 'Nothing but blue'
const CAPTION = 'Where we anchored'
const withinBackOff = { timeout: 60_000 }

test('messages are forwarded with all their files', async (context) => {
  const stage = await openStage(context)
  if (stage === undefined) return
  const { product, browser } = stage
  const create = { width: 1_200, height: 900, channels: 3 as const, background: '#2d6aa8' }
  const buffer = await sharp({ create }).jpeg().toBuffer()
  const photo = { name: NAME, mimeType: 'image/jpeg', buffer }
  const { page: alice, complaints: aliceComplaints } = await signIn(browser, product.url, 'alice')
  const { page: bob, complaints: bobComplaints } = await signIn(browser, product.otherUrl, 'bob')
  const { page: carol } = await signIn(browser, product.url, 'carol')
  await createGroup(alice, TRIP, ['bob'])
  await createGroup(carol, FAMILY, ['bob'])
  await openConversation(bob, TRIP)
  await attach(alice, photo)
  await alice.getByRole('button', { name: `Describe ${NAME}` }).click()
  await alice.getByLabel('Caption').fill(CAPTION)
  await alice.getByLabel('Description').fill(DESCRIPTION)
  await alice.getByRole('button', { name: 'Done' }).click()
  await say(alice, TRIP, 'The bay yesterday')
  await pictureIn(bob, 'The bay yesterday').waitFor()

  await context.test('the keyboard alone is enough', async () => {
    await chooseMore(bob, 'The bay yesterday', 'Forward')
    const dialog = bob.getByRole('dialog', { name: 'Forward to' })
    await dialog.getByText('The bay yesterday').waitFor()
    const field = dialog.getByRole('combobox', { name: 'Search conversations and people' })
    await bob.keyboard.press('ArrowDown')
    await dialog.getByRole('option', { name: FAMILY, selected: true }).waitFor()
    assert.equal(await dialog.getByRole('option', { name: TRIP }).count(), 0, 'it is there already')
    await takeScreenshot(bob, 'desktop-light-forward')
    await bob.keyboard.type('carol')
    const option = dialog.getByRole('option', { name: 'carol', selected: true })
    await option.waitFor()
    assert.equal(await field.getAttribute('aria-activedescendant'), await option.getAttribute('id'))
    await bob.keyboard.press('Enter')
    await composer(bob, 'carol').waitFor()
    await pictureIn(bob, 'The bay yesterday').waitFor()
    await openConversation(carol, 'bob')
    await pictureIn(carol, 'The bay yesterday').waitFor()
    await messageWith(carol, 'The bay yesterday').getByText(CAPTION).waitFor()
  })

  await context.test('a forward outlives the server and the page, and is sent once', async () => {
    await openConversation(bob, TRIP)
    await pictureIn(bob, 'The bay yesterday').waitFor()
    await product.restart(async () => {
      await announced(bob, 'No connection').waitFor()
      await forwardTo(bob, 'The bay yesterday', FAMILY)
      await messageWith(bob, 'The bay yesterday').getByLabel('Sending').waitFor()
      await pictureIn(bob, 'The bay yesterday').waitFor()
    })
    // Her page may be waiting still before it tries to reach the server that was away.
    await Promise.all([bob.reload(), carol.reload()])
    await messageWith(bob, 'The bay yesterday')
      .getByLabel(/^(Sent|Read)$/)
      .waitFor(withinBackOff)
    await inboxRow(carol, FAMILY).click(withinBackOff)
    await pictureIn(carol, 'The bay yesterday').waitFor(withinBackOff)
    await say(carol, FAMILY, 'Lovely!')
    await messageWith(bob, 'Lovely!').waitFor(withinBackOff)
    for (const page of [bob, carol]) {
      assert.equal(await messages(page, 'The bay yesterday').count(), 1)
    }
  })

  await context.test('what is deleted meanwhile is not forwarded, and what was stays', async () => {
    await openConversation(bob, TRIP)
    await chooseMore(bob, 'The bay yesterday', 'Forward')
    const dialog = bob.getByRole('dialog', { name: 'Forward to' })
    // Her page may be waiting still before it tries to reach the server that was away.
    await alice.reload()
    await chooseMore(alice, 'The bay yesterday', 'Delete')
    await alice.getByRole('button', { name: 'Delete', exact: true }).click()
    await dialog.getByText('This message is not there any more.').waitFor()
    await dialog.getByRole('option', { name: FAMILY }).click()
    assert.ok(await dialog.getByRole('button', { name: 'Forward' }).isDisabled())
    await bob.keyboard.press('Escape')
    await carol.reload()
    await pictureIn(carol, 'The bay yesterday').click()
    await carol.getByRole('dialog').locator('img.shown').waitFor()
  })

  await context.test('a phone shows it all', async () => {
    const { page: phone } = await signIn(browser, product.otherUrl, 'bob', PHONE_CONTEXT)
    await openConversation(phone, FAMILY)
    await pictureIn(phone, 'The bay yesterday').waitFor()
    await messageWith(phone, 'The bay yesterday').getByText('The bay yesterday').tap()
    await phone.getByRole('button', { name: 'More', exact: true }).tap()
    await phone.getByRole('menuitem', { name: 'Forward' }).tap()
    const dialog = phone.getByRole('dialog', { name: 'Forward to' })
    await dialog.getByRole('option', { name: TRIP }).tap()
    await takeScreenshot(phone, 'phone-light-forward')
    await dialog.getByRole('button', { name: 'Forward' }).tap()
    await composer(phone, TRIP).waitFor()
    await pictureIn(alice, 'The bay yesterday').waitFor()
    await phone.context().close()
  })

  assert.deepEqual([...aliceComplaints, ...bobComplaints], [])
})

/** The photo of a message, once there is something of it to be seen. */
function pictureIn(page: Page, text: string) {
  const button = messageWith(page, text).getByRole('button', { name: DESCRIPTION })
  return button.filter({ has: page.locator('img.sharp.shown') })
}

async function forwardTo(page: Page, text: string, title: string): Promise<void> {
  await chooseMore(page, text, 'Forward')
  const dialog = page.getByRole('dialog', { name: 'Forward to' })
  await dialog.getByRole('option', { name: title }).click()
  await dialog.getByRole('button', { name: 'Forward' }).click()
  await composer(page, title).waitFor()
}
