import type { TestContext } from 'node:test'
import type { Browser } from 'playwright-core'
import { closeAfter } from '../../../scripts/close-after.mjs'
import { requireProgram } from '../../../scripts/programs.mjs'
import { openBrowser } from './browser.ts'
import { startProduct } from './start-product.ts'
import type { Product } from './product.ts'

/** The product and a browser to use it with; both end with the test. */
export interface Stage {
  readonly product: Product
  readonly browser: Browser
}

/** `undefined` after the test was skipped because this machine has no browser, or no servers. */
export async function openStage(
  context: TestContext,
  settings: Readonly<Record<string, string>> = {},
): Promise<Stage | undefined> {
  const chromium = requireProgram(context, 'chromium')
  if (chromium === undefined) return undefined
  const product = await startProduct(context, settings)
  if (product === undefined) return undefined
  const browser = await openBrowser(chromium)
  closeAfter(context, () => browser.close())
  return { product, browser }
}
