import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { stripTypeScriptTypes } from 'node:module'
import { test } from 'node:test'
import { chromium } from 'playwright-core'
import type { Page } from 'playwright-core'
import { requireProgram } from '../../../scripts/programs.mjs'

const root = new URL('../../../', import.meta.url)

// What a bundler would do: find packages by name.
const PAGE = `<script type="importmap">
  { "imports": {
    "@satchel/protocol": "/protocol/src/index.ts",
    "@msgpack/msgpack": "/node_modules/@msgpack/msgpack/dist.esm/index.mjs"
  } }
</script>`

/** The storage under test, as a page has it: `storage`, and `entries` once it is owned. */
const OPEN = `import('/protocol/client/src/index.ts').then((satchel) => {
  globalThis.storage = satchel.createIndexedDbStorage({ name: 'test' })
  globalThis.entries = undefined
  globalThis.owned = storage.acquire().then((found) => { globalThis.entries = found })
})`

/** A file of the repository as a browser can run it. */
async function readScript(path: string): Promise<string> {
  const source = await readFile(new URL(`.${path}`, root), 'utf8')
  return path.endsWith('.ts') ? stripTypeScriptTypes(source) : source
}

async function keysOf(page: Page): Promise<string[]> {
  const keys: unknown = await page.evaluate(
    'storage.acquire().then((found) => found.map(({ key }) => key).sort())',
  )
  assert.ok(Array.isArray(keys))
  return keys.map(String)
}

test('IndexedDB keeps what was put over a reload, and one tab at a time owns it', async (t) => {
  const executablePath = requireProgram(t, 'chromium')
  if (executablePath === undefined) return
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
  t.after(() => browser.close())
  const context = await browser.newContext()
  context.setDefaultTimeout(20_000)
  // Locks are for secure contexts only, which a local host is.
  await context.route('http://localhost/**', async (route) => {
    const { pathname } = new URL(route.request().url())
    const isPage = pathname === '/'
    await route.fulfill({
      contentType: isPage ? 'text/html' : 'text/javascript',
      body: isPage ? PAGE : await readScript(pathname),
    })
  })
  const openTab = async (): Promise<Page> => {
    const page = await context.newPage()
    await page.goto('http://localhost/')
    await page.evaluate(OPEN)
    return page
  }

  const first = await openTab()
  await first.evaluate('owned')
  assert.deepEqual(await keysOf(first), [])
  await first.evaluate(`storage.put([
    { key: 'a', value: { n: 1 } }, { key: 'b', value: [null, 'x'] }, { key: 'c', value: 3 },
  ])`)
  await first.evaluate(`storage.put([{ key: 'a', value: { n: 2 } }])`)
  await first.evaluate(`storage.remove(['c', 'never there'])`)

  const second = await openTab()
  await first.reload()
  await second.evaluate('owned')
  assert.deepEqual(
    await second.evaluate('JSON.stringify(entries.sort((a, b) => a.key < b.key ? -1 : 1))'),
    '[{"key":"a","value":{"n":2}},{"key":"b","value":[null,"x"]}]',
    'the tab that was reloaded has let go, and the one that waited has it',
  )
  await first.evaluate(OPEN)
  await second.evaluate(`storage.put([{ key: 'd', value: 4 }])`)
  assert.equal(await first.evaluate('entries'), undefined, 'the first waits in its turn')
  await second.evaluate('storage.close()')
  await first.evaluate('owned')
  assert.deepEqual(await keysOf(first), ['a', 'b', 'd'])
})
