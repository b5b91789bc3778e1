import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openEmbeddedBackend } from '../src/backends/embedded.ts'
import type { ClusterPorts } from '../src/backends/backend.ts'
import { openChatCoreProcess } from '../src/chat-core-process.ts'
import { createLog, createMetrics, readSettings } from '../src/runtime/index.ts'
import { eventually } from './support/eventually.ts'
import { ManualTimers } from './support/manual-timers.ts'
import { openTemporaryFolder } from './support/temporary-folder.ts'

test('a chat-core is not ready while the directory is away for long, nor while it leaves', async (t) => {
  const folder = await openTemporaryFolder()
  const backend = await openEmbeddedBackend({
    dataDir: folder.path,
    pid: process.pid,
    onListenerError: () => undefined,
  })
  t.after(async () => {
    await backend.close()
    await folder.remove()
  })
  let isAway = false
  const left = Promise.withResolvers<undefined>()
  const directory: ClusterPorts['directory'] = {
    beat: () => Promise.resolve(),
    leave: () => left.promise,
    // Nobody is seen to live, so nothing is claimed.
    list: () => (isAway ? Promise.reject(new Error('away')) : Promise.resolve([])),
    release: () => Promise.resolve(),
    takeOver: () => Promise.resolve(),
    watch: () => () => undefined,
  }
  const timers = new ManualTimers()
  const core = await openChatCoreProcess({
    // The other ports of a cluster are for whoever owns partitions.
    backend: { ...backend, cluster: { directory } as ClusterPorts },
    settings: readSettings({ SATCHEL_PORT: '0' }),
    log: createLog({ logLevel: 'silent' }, { write: () => undefined }),
    metrics: createMetrics({ processMetrics: false }),
    timers,
  })
  t.after(() => core.close())
  t.after(() => left.resolve(undefined))
  const status = async (): Promise<number> =>
    (await fetch(`http://127.0.0.1:${core.port}/ready`)).status
  const isReady = async (expected: number): Promise<void> => assert.equal(await status(), expected)
  await isReady(200)
  isAway = true
  timers.advance(15_000)
  await isReady(200)
  timers.advance(5_000)
  await isReady(503)
  isAway = false
  await eventually(async () => {
    timers.advance(5_000)
    await isReady(200)
  })
  const closing = core.close()
  await isReady(503)
  left.resolve(undefined)
  timers.advance(1_000)
  await closing
  await assert.rejects(status())
})
