import type { TestContext } from 'node:test'
import { closeAfter } from '../../../scripts/close-after.mjs'
import { startDistributedProduct } from './distributed-product.ts'
import { startEmbeddedProduct } from './embedded-product.ts'
import type { Product } from './product.ts'
import { findRunningProduct } from './running-product.ts'

export type TestBackend = 'embedded' | 'distributed'

/** Which backend the end-to-end tests run against: `SATCHEL_TEST_BACKEND`, embedded unless told. */
export function testBackend(): TestBackend {
  const wanted = process.env['SATCHEL_TEST_BACKEND'] ?? 'embedded'
  if (wanted === 'embedded' || wanted === 'distributed') return wanted
  throw new Error(`SATCHEL_TEST_BACKEND is neither embedded nor distributed: ${wanted}`)
}

/**
 * The product with data of its own, ended with the test; `undefined` after the test was skipped for want of servers. Where
 * `SATCHEL_TEST_URL` is set, the product that runs there.
 */
export async function startProduct(
  context: TestContext,
  settings: Readonly<Record<string, string>> = {},
): Promise<Product | undefined> {
  const running = findRunningProduct(settings)
  if (running !== undefined) return running
  const product =
    testBackend() === 'embedded'
      ? await startEmbeddedProduct(settings)
      : await startDistributedProduct(context, settings)
  if (product !== undefined) closeAfter(context, () => product.stop())
  return product
}
