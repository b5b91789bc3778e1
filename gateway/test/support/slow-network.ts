import type { Page } from 'playwright-core'

/** Slow enough that somebody can watch a photo being sent. */
const SLOW_BYTES_PER_SECOND = 800_000

/** Lets a page send so slowly that it can be watched; returns what ends that. */
export async function slowDown(page: Page): Promise<() => Promise<void>> {
  const session = await page.context().newCDPSession(page)
  const conditions = { offline: false, latency: 0, downloadThroughput: -1 }
  await session.send('Network.enable')
  await session.send('Network.emulateNetworkConditions', {
    ...conditions,
    uploadThroughput: SLOW_BYTES_PER_SECOND,
  })
  return async () => {
    await session.send('Network.emulateNetworkConditions', { ...conditions, uploadThroughput: -1 })
    await session.detach()
  }
}
