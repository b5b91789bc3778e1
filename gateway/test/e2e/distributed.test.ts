// Every end-to-end file once more, on several processes and real servers.
import { describe } from 'node:test'

process.env['SATCHEL_TEST_BACKEND'] = 'distributed'

// What was deleted is kept for two minutes: others, which need nothing to be quick, fill them.
describe('while deleted files are kept', { concurrency: 2 }, async () => {
  await import('./deletion.e2e.test.ts')
  await import('./readme-example.test.ts')
  await import('./long-history.e2e.test.ts')
  await import('./media-table.e2e.test.ts')
})

await import('./conversation.e2e.test.ts')
await import('./forward.e2e.test.ts')
await import('./media-types.e2e.test.ts')
await import('./photo.e2e.test.ts')
await import('./streams.e2e.test.ts')
await import('./uploads.e2e.test.ts')
await import('./words-and-pins.e2e.test.ts')
