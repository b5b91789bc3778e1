import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openHealthServer } from '../../src/runtime/health-server.ts'
import { createMetrics } from '../../src/runtime/metrics.ts'

test('a process without clients says whether it lives and is ready, and what it counts', async (t) => {
  const metrics = createMetrics({ processMetrics: false })
  metrics.gauge({ name: 'satchel_answers', help: 'Always the same.' }, () => 42)
  let ready = false
  const server = await openHealthServer({
    host: '127.0.0.1',
    port: 0,
    metrics,
    isReady: () => ready,
  })
  t.after(() => server.close())
  const get = (path: string) => fetch(`http://127.0.0.1:${String(server.port)}${path}`)
  assert.equal((await get('/live')).status, 200)
  assert.equal((await get('/ready')).status, 503)
  ready = true
  assert.equal((await get('/ready')).status, 200)
  assert.match(await (await get('/metrics')).text(), /satchel_answers 42/)
  assert.equal((await get('/elsewhere')).status, 404)
})

test('a port that is taken is said at once', async (t) => {
  const metrics = createMetrics({ processMetrics: false })
  const deps = { host: '127.0.0.1', metrics, isReady: () => true }
  const server = await openHealthServer({ ...deps, port: 0 })
  t.after(() => server.close())
  await assert.rejects(openHealthServer({ ...deps, port: server.port }), { code: 'EADDRINUSE' })
})
