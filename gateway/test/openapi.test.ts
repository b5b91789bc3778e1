import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { test } from 'node:test'
import { callHttp } from './http-client.ts'
import { openapiDocument } from './support/openapi-document.ts'
import { openTestServer } from './test-server.ts'

const file = new URL('../openapi.json', import.meta.url)

// UPDATE_OPENAPI=1 writes the file anew; then `npm run format`.
test('the OpenAPI file says what the routes say, no more and no less', async (context) => {
  const { server } = await openTestServer(context)
  const document = JSON.stringify(openapiDocument(server.gateway.operations))
  if (process.env['UPDATE_OPENAPI'] === '1') await writeFile(file, document)
  assert.deepEqual(JSON.parse(await readFile(file, 'utf8')), JSON.parse(document))
})

test('every path’s names are its parameters', async (context) => {
  const { server } = await openTestServer(context)
  for (const { url, path, id } of server.gateway.operations) {
    const names = [...url.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
    assert.deepEqual(names.toSorted(), Object.keys(path).toSorted(), id)
  }
})

test('the server serves the file, and answers every operation', async (context) => {
  const { url: base, server } = await openTestServer(context)
  const served = await callHttp('GET', `${base}/v1/openapi.json`)
  assert.deepEqual(served.body, JSON.parse(await readFile(file, 'utf8')))
  for (const { method, url, body, id } of server.gateway.operations) {
    const answer = await callHttp(
      method,
      base + url.replaceAll(/\{\w+\}/g, '1'),
      body === undefined ? {} : { body: {} },
    )
    // It is there, and wants to know who asks.
    assert.equal(answer.error?.code, 'unauthenticated', id)
  }
})
