import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bundleWebClient } from '../../src/web-client/bundle-web-client.ts'

test('the page names what it loads, and carries nothing that a strict policy refuses', async () => {
  const files = await bundleWebClient()
  const page = new TextDecoder().decode(files.get('/')?.body)
  const loaded = [...page.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map((match) => match[1] ?? '')
  assert.equal(loaded.length, 3)
  for (const path of loaded) assert.ok(files.has(path), path)
  assert.doesNotMatch(page, /<script(?![^>]* src=)|<style|style="|%\w+%/)
})

test('what may be kept for ever is named after its content, the rest is not', async () => {
  const files = await bundleWebClient()
  const kept = [...files].filter(([, file]) => file.immutable).map(([path]) => path)
  assert.ok(kept.length >= 3, kept.join(', '))
  for (const path of kept) assert.match(path, /^\/assets\/[\w.]+-[A-Z0-9]{8}\.(js|css)$/)
  const again = await bundleWebClient()
  assert.deepEqual([...again.keys()], [...files.keys()])
})

test('what plays streams is loaded by those whose browser does not', async () => {
  const files = [...(await bundleWebClient())].filter(([path]) => path.endsWith('.js'))
  const [app] = files.filter(([path]) => path.startsWith('/assets/app-'))
  const [player] = files.filter(([path]) => path.startsWith('/assets/hls'))
  assert.ok(app !== undefined && player !== undefined, files.map(([path]) => path).join(', '))
  assert.ok(new TextDecoder().decode(app[1].body).includes(`import("./${player[0].slice(8)}")`))
  const sizes = `${String(app[1].body.length)} and ${String(player[1].body.length)} bytes`
  assert.ok(app[1].body.length < 300_000, sizes)
})

test('the client library is one module that a page of an integrator can import', async () => {
  const library = (await bundleWebClient()).get('/client.js')
  const source = new TextDecoder().decode(library?.body)
  const url = `data:text/javascript;base64,${Buffer.from(source).toString('base64')}`
  const module: unknown = await import(url)
  assert.ok(typeof module === 'object' && module !== null && 'ChatClient' in module)
  assert.equal(typeof module.ChatClient, 'function')
})
