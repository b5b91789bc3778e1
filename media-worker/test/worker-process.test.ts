import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { openEmbeddedBackend, type Backend } from '@satchel/chat-core/backends'
import { createLog, createMetrics, readSettings } from '@satchel/chat-core/runtime'
import { eventually } from '../../chat-core/test/support/eventually.ts'
import { ManualTimers } from '../../chat-core/test/support/manual-timers.ts'
import { openTemporaryFolder } from '../../chat-core/test/support/temporary-folder.ts'
import { openWorkerProcess } from '../src/worker-process.ts'

/** A worker as a process has it, over servers that can be taken away. */
async function openStage(t: TestContext, environment: Readonly<Record<string, string>> = {}) {
  const folder = await openTemporaryFolder()
  t.after(() => folder.remove())
  const own = await openEmbeddedBackend({
    dataDir: folder.path,
    pid: process.pid,
    onListenerError: () => undefined,
  })
  t.after(() => own.close())
  const away = { bus: false, database: false }
  /** What it has in hand, until it lets go of it. */
  let work: Promise<unknown> = Promise.resolve()
  const backend: Backend = {
    ...own,
    jobs: {
      ...own.jobs,
      consume(...asked) {
        const consumer = own.jobs.consume(...asked)
        return {
          async drain() {
            await consumer.drain()
            await work
          },
        }
      },
    },
    bus: {
      ...own.bus,
      get connected() {
        return !away.bus
      },
    },
    forbidden: {
      ...own.forbidden,
      read: (sha256) =>
        away.database ? Promise.reject(new Error('away')) : own.forbidden.read(sha256),
    },
  }
  const lines: string[] = []
  const timers = new ManualTimers()
  const worker = await openWorkerProcess({
    backend,
    settings: readSettings({
      SATCHEL_PORT: '0',
      SATCHEL_DATA_DIR: folder.path,
      SATCHEL_SANDBOX: 'best-effort',
      ...environment,
    }),
    log: createLog({ logLevel: 'warn' }, { write: (line) => lines.push(line) }),
    metrics: createMetrics({ processMetrics: false }),
    nodePath: process.execPath,
    timers,
  })
  t.after(() => worker.close())
  const isReady = async (expected: number): Promise<void> => {
    const { status } = await fetch(`http://127.0.0.1:${worker.port}/ready`)
    assert.equal(status, expected)
  }
  const keepBusy = (): (() => void) => {
    const { promise, resolve } = Promise.withResolvers<undefined>()
    work = promise
    return () => resolve(undefined)
  }
  return { worker, away, timers, lines, isReady, keepBusy }
}

test('a media worker is not ready while bus or database are away for long, nor while it leaves', async (t) => {
  const { worker, away, timers, isReady, keepBusy } = await openStage(t)
  await isReady(200)
  for (const server of ['bus', 'database'] as const) {
    away[server] = true
    timers.advance(15_000)
    await isReady(200)
    timers.advance(5_000)
    await isReady(503)
    away[server] = false
    await eventually(async () => {
      timers.advance(5_000)
      await isReady(200)
    })
  }
  const finish = keepBusy()
  const closing = worker.close()
  await isReady(503)
  finish()
  await closing
})

test('a worker whose scanner does not answer says so at start, and one without a scanner does not', async (t) => {
  const words = /the scanner does not answer: uploads wait/
  const clamd = { SATCHEL_SCANNER: 'clamd', SATCHEL_CLAMD: '/nowhere/clamd.ctl' }
  const stage = await openStage(t, clamd)
  await eventually(() => assert.match(stage.lines.join(''), words))
  assert.match(stage.lines.join(''), /ENOENT/)
  const without = await openStage(t)
  await without.worker.close()
  assert.doesNotMatch(without.lines.join(''), words)
})
