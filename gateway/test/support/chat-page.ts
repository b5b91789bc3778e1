import type { Locator, Page } from 'playwright-core'

/** Makes a group through the dialog; it is open afterwards. */
export async function createGroup(
  page: Page,
  title: string,
  members: readonly string[],
): Promise<void> {
  await page.getByRole('button', { name: 'New conversation' }).click()
  for (const name of members) await choosePerson(page, name)
  await page.getByLabel('Group name').fill(title)
  await page.getByRole('button', { name: 'Create group' }).click()
  await composer(page, title).waitFor()
}

/** Opens a direct conversation with a person through the dialog. */
export async function startDirect(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name: 'New conversation' }).click()
  await choosePerson(page, name)
  await page.getByRole('button', { name: 'Start chat' }).click()
  await composer(page, name).waitFor()
}

async function choosePerson(page: Page, name: string): Promise<void> {
  await page.getByLabel('Search people').fill(name)
  await page.getByRole('checkbox', { name, exact: true }).click()
  await page.getByLabel('Search people').fill('')
}

/** A conversation's line in the inbox. */
export function inboxRow(page: Page, title: string): Locator {
  return page.getByRole('navigation', { name: 'Conversations' }).getByRole('link', { name: title })
}

export async function openConversation(page: Page, title: string): Promise<void> {
  await inboxRow(page, title).click()
  await composer(page, title).waitFor()
}

/** The field where messages to `title` are written. */
export function composer(page: Page, title: string): Locator {
  return page.getByRole('textbox', { name: `Message ${title}` })
}

/** Writes a message and sends it. */
export async function say(page: Page, title: string, text: string): Promise<void> {
  await composer(page, title).fill(text)
  await page.getByRole('button', { name: 'Send', exact: true }).click()
}

/** Every message, answer to one, or notice with this text in the open conversation. */
export function messages(page: Page, text: string): Locator {
  const list = page.getByRole('region', { name: 'Messages' })
  return list.getByRole('listitem').filter({ hasText: text })
}

/** The last of them. */
export function messageWith(page: Page, text: string): Locator {
  return messages(page, text).last()
}

/** Presses one of the buttons that stand beside a message: `React`, `Reply`, `More`. */
export async function pressTool(page: Page, text: string, name: string): Promise<void> {
  const message = messageWith(page, text)
  await message.hover()
  await message.getByRole('button', { name, exact: true }).click()
}

/** Chooses from the menu behind `More`. */
export async function chooseMore(page: Page, text: string, item: string): Promise<void> {
  await pressTool(page, text, 'More')
  await page.getByRole('menuitem', { name: item }).click()
}

/** What a screen reader was last told. */
export function announced(page: Page, text: string): Locator {
  return page.getByRole('status').filter({ hasText: text })
}

/** Attaches a file as if it had been picked. */
export async function attach(
  page: Page,
  file: { readonly name: string; readonly mimeType: string; readonly buffer: Buffer },
): Promise<void> {
  await page.getByLabel('Files to attach').setInputFiles(file)
}
