import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { createPartTransport } from '../src/index.ts'

test('a part is PUT as it is, and the status handed back whatever it is', async (t) => {
  const received: { method: string | undefined; length: string | undefined; body: string }[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      received.push({
        method: request.method,
        length: request.headers['content-length'],
        body,
      })
      response.statusCode = request.url === '/refused' ? 403 : 204
      response.end(request.url === '/refused' ? '{"error":{}}' : undefined)
    })
  })
  t.after(() => server.close())
  const { port } = await new Promise<AddressInfo>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      if (address !== null && typeof address !== 'string') resolve(address)
    })
  })
  const transport = createPartTransport()
  const options = { signal: new AbortController().signal, onProgress: () => undefined }
  const url = `http://127.0.0.1:${String(port)}`
  assert.equal(await transport.put(`${url}/part`, new Blob(['part one']), options), 204)
  assert.equal(await transport.put(`${url}/refused`, new Blob(['part two']), options), 403)
  assert.deepEqual(received, [
    { method: 'PUT', length: '8', body: 'part one' },
    { method: 'PUT', length: '8', body: 'part two' },
  ])
  const aborted = { ...options, signal: AbortSignal.abort() }
  await assert.rejects(transport.put(`${url}/part`, new Blob(['never']), aborted))
  server.closeAllConnections()
  await assert.rejects(transport.put('http://127.0.0.1:1/nobody', new Blob(['x']), options))
})
