import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { eventually } from '../eventually.ts'
import { signIn, takeScreenshot } from '../support/browser.ts'
import { inboxRow, messageWith, openConversation, say } from '../support/chat-page.ts'
import { connectClient } from '../support/connect-client.ts'
import { openStage } from '../support/stage.ts'

const TITLE = 'Archive'
const MESSAGES = 260
/** More pages than there can be. */
const PAGES_MAX = 20
/** Pixels that rounding may cost. */
const TOLERANCE = 2

/**
 * Runs in the page: scrolls close to the first loaded message, and tells by how many pixels what can be
 * seen there has moved when the older ones have come.
 */
const SCROLL_UP = `(async () => {
  const scroller = document.querySelector('.message-scroller')
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve))
  const lines = () => [...scroller.querySelectorAll('.message')]
  const offsetOf = (line) => line.getBoundingClientRect().top - scroller.getBoundingClientRect().top
  const isAtBeginning = () => document.querySelector('.beginning') !== null
  const count = lines().length
  const deadlineMs = performance.now() + 15000
  scroller.scrollTop = 400
  await frame()
  const line = lines().find((line) => offsetOf(line) + line.offsetHeight > 0)
  const offset = offsetOf(line)
  while (lines().length === count && !isAtBeginning()) {
    if (performance.now() > deadlineMs) throw new Error('no older messages came')
    await frame()
  }
  await frame()
  await frame()
  return [offsetOf(line) - offset, isAtBeginning() ? 1 : 0]
})()`

test('a conversation with a long past', async (context) => {
  const stage = await openStage(context, { SATCHEL_LIMITS: 'off' })
  if (stage === undefined) return
  const { product, browser } = stage
  const { page: alice, complaints } = await signIn(browser, product.url, 'alice')
  const bob = await connectClient(context, product.otherUrl, 'bob')
  const archive = await bob.createConversation({
    kind: 'group',
    title: TITLE,
    memberIds: ['alice'],
  })
  const firstSeq = await sendNotes(archive)

  await context.test('it opens at what is new, and one press leads to the latest', async () => {
    await inboxRow(alice, TITLE).getByText('99+').waitFor()
    // What came while she was there is in her browser; now it is not.
    await alice.reload()
    await openConversation(alice, TITLE)
    await messageWith(alice, 'Note 1.').waitFor()
    await alice.getByText('New messages').waitFor()
    await messageWith(alice, lastNote).waitFor({ state: 'attached' })
    await takeScreenshot(alice, 'desktop-light-long')
    const loaded = await alice.locator('.message').count()
    assert.ok(loaded < 150, `${String(loaded)} messages are loaded`)
    await alice.getByRole('button', { name: /^\d+ new$/ }).click()
    await inboxRow(alice, TITLE).getByText('99+').waitFor({ state: 'detached' })
    await archive.marks()
    await eventually('the others learn that all was read', () =>
      [...archive.memberMarks.values()].some(
        ({ userId, read }) => userId === 'alice' && read >= firstSeq + MESSAGES - 1,
      ),
    )
  })

  await context.test('what is read stays where it is while older messages come', async () => {
    await alice.reload()
    await messageWith(alice, lastNote).waitFor()
    for (let page = 1; ; page++) {
      assert.ok(page < PAGES_MAX, 'the beginning is never reached')
      const [movedBy = 0, isAtBeginning] = await scrollUp(alice)
      assert.ok(Math.abs(movedBy) <= TOLERANCE, `page ${String(page)}: ${String(movedBy)} px`)
      if (isAtBeginning === 1) break
    }
    await messageWith(alice, 'Note 1.').waitFor()
  })

  await context.test('an answer leads to what it answers, however far that is', async () => {
    await alice.reload()
    await messageWith(alice, lastNote).waitFor()
    await archive.send({ text: 'Remember this?', replyTo: firstSeq })
    await messageWith(alice, 'Remember this?')
      .getByRole('button', { name: /^Go to/ })
      .click()
    await alice.locator('.message.highlighted', { hasText: 'Note 1.' }).waitFor()
    await takeScreenshot(alice, 'desktop-light-jumped')
    await alice.getByRole('button', { name: 'Latest' }).click()
    await say(alice, TITLE, 'I do')
    await messageWith(alice, 'I do').waitFor()
  })

  assert.deepEqual(complaints, [])
})

const lastNote = `Note ${String(MESSAGES)}.`

/** Of different heights, as messages are; returns where the first one is. */
async function sendNotes(conversation: {
  send(text: string): Promise<{ readonly seq: number }>
}): Promise<number> {
  const sent = Array.from({ length: MESSAGES }, (_, index) =>
    conversation.send(`Note ${String(index + 1)}. ${'There is more to say. '.repeat(index % 9)}`),
  )
  const [first] = await Promise.all(sent)
  if (first === undefined) throw new Error('nothing was sent')
  return first.seq
}

async function scrollUp(page: Page): Promise<readonly number[]> {
  const answer: unknown = await page.evaluate(SCROLL_UP)
  assert.ok(Array.isArray(answer))
  return answer.map(Number)
}
