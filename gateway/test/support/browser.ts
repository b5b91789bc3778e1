import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // A microphone that beeps, and nobody to ask whether it may be heard.
  '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream',
]

const DESKTOP = { width: 1280, height: 800 }
const PHONE = { width: 390, height: 844 }

/** A phone as far as a page can tell. */
export const PHONE_CONTEXT: BrowserContextOptions = {
  viewport: PHONE,
  deviceScaleFactor: 2,
  isMobile: true,
  hasTouch: true,
}

const STEP_TIMEOUT_MS = 20_000

/** A browser without a window. */
export function openBrowser(executablePath: string): Promise<Browser> {
  return chromium.launch({ executablePath, args: FLAGS, headless: true })
}

/** One person's browser: nothing is shared with the others. */
export interface Person {
  readonly page: Page
  /** What the page has complained about: uncaught errors, and what its security policy refused. */
  readonly complaints: readonly string[]
}

/** Opens the product's page in a browser context of its own and signs in by name. */
export async function signIn(
  browser: Browser,
  url: string,
  name: string,
  options: BrowserContextOptions = { viewport: DESKTOP },
): Promise<Person> {
  const context = await browser.newContext({ locale: 'en-GB', ...options })
  context.setDefaultTimeout(STEP_TIMEOUT_MS)
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('console', (message) => {
    if (/Content Security Policy/.test(message.text())) complaints.push(message.text())
  })
  await page.goto(url)
  await page.getByLabel('Your name').fill(name)
  await page.getByLabel('Stay signed in').check()
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.getByRole('button', { name: 'New conversation' }).waitFor()
  return { page, complaints }
}

/** Keeps a picture of the page for people to look at, in `SATCHEL_ARTIFACTS` or the folder `artifacts`. */
export async function takeScreenshot(page: Page, name: string): Promise<void> {
  const folder =
    process.env['SATCHEL_ARTIFACTS'] ??
    fileURLToPath(new URL('../../../artifacts/', import.meta.url))
  await mkdir(folder, { recursive: true })
  await page.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled' })
}
