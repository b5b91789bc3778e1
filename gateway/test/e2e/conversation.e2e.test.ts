import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PHONE_CONTEXT, signIn, takeScreenshot } from '../support/browser.ts'
import {
  announced,
  chooseMore,
  composer,
  createGroup,
  inboxRow,
  messages,
  messageWith,
  openConversation,
  pressTool,
  say,
  startDirect,
} from '../support/chat-page.ts'
import { openStage } from '../support/stage.ts'

const TRIP = 'Sailing trip'
/** The longer a server is away, the longer clients wait: up to half a minute from one try to the next. */
const withinBackOff = { timeout: 60_000 }

test('two people and the web client', async (context) => {
  const stage = await openStage(context)
  if (stage === undefined) return
  const { product, browser } = stage
  const { page: alice, complaints: aliceComplaints } = await signIn(browser, product.url, 'alice')
  const { page: bob, complaints: bobComplaints } = await signIn(browser, product.otherUrl, 'bob')

  await context.test('an empty inbox says how to begin, and a group appears with all', async () => {
    await alice.getByText('No conversations yet').waitFor()
    await takeScreenshot(alice, 'desktop-light-empty')
    await createGroup(alice, TRIP, ['bob'])
    await messageWith(alice, 'You created the group with bob').waitFor()
    await inboxRow(bob, TRIP).waitFor()
  })

  await context.test('unread messages are counted until they are read', async () => {
    await say(alice, TRIP, 'Hello Bob! Ready for the weekend?')
    await say(alice, TRIP, 'I packed everything.')
    const row = inboxRow(bob, TRIP)
    await row.getByLabel('2 unread messages').waitFor()
    assert.equal(await bob.title(), '(2) Satchel')
    await takeScreenshot(bob, 'desktop-light-unread')
    await openConversation(bob, TRIP)
    await bob.getByText('New messages').waitFor()
    await row.getByLabel('2 unread messages').waitFor({ state: 'detached' })
    await messageWith(alice, 'I packed everything.').getByLabel('Read').waitFor()
  })

  await context.test('whoever types is seen typing by the others', async () => {
    await composer(bob, TRIP).pressSequentially('Yes', { delay: 20 })
    await alice.getByRole('main').getByText('bob is typing…').waitFor()
    await composer(bob, TRIP).press('Enter')
    await messageWith(alice, 'Yes').waitFor()
    await alice.getByRole('main').getByText('bob is typing…').waitFor({ state: 'detached' })
  })

  await context.test('reactions, answers, edits and deletions reach the others', async () => {
    await pressTool(bob, 'I packed everything.', 'React')
    await bob.getByRole('menuitem', { name: 'thumbs up' }).click()
    await messageWith(alice, 'I packed everything.')
      .getByRole('button', { name: '👍, bob' })
      .waitFor()

    await pressTool(bob, 'I packed everything.', 'Reply')
    await say(bob, TRIP, 'Even the stove? See https://example.org/stove, @alice')
    const answer = messageWith(alice, 'Even the stove?')
    await answer.getByRole('button', { name: 'Go to the message this answers, by You' }).click()
    await alice.locator('.message.highlighted', { hasText: 'I packed everything.' }).waitFor()
    const link = answer.getByRole('link', { name: 'https://example.org/stove' })
    assert.equal(await link.getAttribute('rel'), 'noopener noreferrer nofollow')
    assert.equal(await answer.locator('.mention.me').textContent(), '@alice')

    await chooseMore(alice, 'Hello Bob!', 'Edit')
    await composer(alice, TRIP).fill('Hello Bob! Ready for the long weekend?')
    await alice.getByRole('button', { name: 'Save' }).click()
    await messageWith(bob, 'Ready for the long weekend?').getByText('edited').waitFor()

    await say(alice, TRIP, 'Wrong window')
    await messageWith(bob, 'Wrong window').waitFor()
    await chooseMore(alice, 'Wrong window', 'Delete')
    await alice.getByRole('button', { name: 'Delete', exact: true }).click()
    await messageWith(bob, 'This message was deleted').waitFor()
    await messageWith(alice, 'You deleted this message').waitFor()
    assert.equal(await messages(bob, 'Wrong window').count(), 0)
    await takeScreenshot(alice, 'desktop-light-conversation')
    await alice.emulateMedia({ colorScheme: 'dark' })
    await takeScreenshot(alice, 'desktop-dark-conversation')
    await alice.emulateMedia({ colorScheme: 'light' })
  })

  await context.test('the keyboard alone is enough to react', async () => {
    await bob.getByRole('region', { name: 'Messages' }).focus()
    await bob.keyboard.press('ArrowUp')
    await bob.keyboard.press('ArrowUp')
    await bob.keyboard.press('Home')
    await bob.locator('.message:focus', { hasText: 'Hello Bob!' }).waitFor()
    await bob.keyboard.press('Tab')
    await bob.keyboard.press('Enter')
    await bob.keyboard.press('ArrowRight')
    await bob.keyboard.press('Enter')
    await messageWith(alice, 'Hello Bob!').getByRole('button', { name: '❤️, bob' }).waitFor()
  })

  await context.test(
    'a reload keeps the session, the conversation and everything in it',
    async () => {
      await bob.reload()
      await messageWith(bob, 'Ready for the long weekend?').getByText('edited').waitFor()
      await messageWith(bob, 'This message was deleted').waitFor()
      await bob.getByRole('button', { name: '👍, You' }).waitFor()
      assert.equal(await composer(bob, TRIP).count(), 1)
    },
  )

  await context.test(
    'what is written while the server is gone arrives when it is back',
    async () => {
      let isBack = Promise.resolve()
      await product.restart(async () => {
        await announced(alice, 'No connection').waitFor()
        // Said for a few seconds, which may be over before all of the server is there.
        isBack = announced(alice, 'Connected again').waitFor(withinBackOff)
        await say(alice, TRIP, 'Written without a connection')
        await messageWith(alice, 'Written without a connection').getByLabel('Sending').waitFor()
        await takeScreenshot(alice, 'desktop-light-offline')
      })
      await isBack
      await messageWith(bob, 'Written without a connection').waitFor(withinBackOff)
      await messageWith(alice, 'Written without a connection')
        .getByLabel(/^(Sent|Read)$/)
        .waitFor(withinBackOff)
      assert.equal(await messages(bob, 'Written without a connection').count(), 1)
    },
  )

  await context.test(
    'a phone shows one pane, and a first message makes a conversation',
    async () => {
      const { page: carol } = await signIn(browser, product.url, 'carol', PHONE_CONTEXT)
      await startDirect(carol, 'alice')
      await say(carol, 'alice', 'Hello from the phone')
      assert.equal(await inboxRow(carol, 'alice').isVisible(), false)
      await inboxRow(alice, 'carol').getByText('Hello from the phone').waitFor()
      await takeScreenshot(carol, 'phone-light-conversation')
      await carol.getByRole('button', { name: 'Back to conversations' }).tap()
      await inboxRow(carol, 'alice').waitFor()
      await carol.emulateMedia({ colorScheme: 'dark' })
      await takeScreenshot(carol, 'phone-dark-inbox')
      await carol.context().close()
    },
  )

  await context.test('a dialog that searches people begins in its field', async () => {
    await alice.getByRole('button', { name: 'New conversation' }).click()
    await alice.locator('input[aria-label="Search people"]:focus').waitFor()
    await alice.keyboard.press('Escape')
  })

  await context.test('whoever leaves a group is asked first', async () => {
    await bob.getByRole('button', { name: 'About this conversation' }).click()
    const question = bob.getByRole('dialog', { name: 'Leave this group?' })
    await bob.getByRole('button', { name: 'Leave this group' }).click()
    await question.getByRole('button', { name: 'Stay' }).click()
    await bob.getByRole('button', { name: 'Leave this group' }).click()
    await question.getByRole('button', { name: 'Leave', exact: true }).click()
    await messageWith(alice, 'bob left').waitFor()
    assert.equal(await messages(alice, 'bob left').count(), 1)
  })

  assert.deepEqual([...aliceComplaints, ...bobComplaints], [])
})
