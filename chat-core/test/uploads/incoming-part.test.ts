import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import {
  IncomingPartFile,
  type PartLimits,
} from '../../src/adapters/embedded/incoming-part-file.ts'
import { eventually } from '../support/eventually.ts'
import { openTemporaryFolder } from '../support/temporary-folder.ts'

const LIMITS: PartLimits = { deadlineMs: 60_000, idleMs: 60_000 }

async function openPart(test: TestContext, sizeBytes: number, limits = LIMITS) {
  const folder = await openTemporaryFolder()
  test.after(() => folder.remove())
  const flow = { pauses: 0, resumes: 0 }
  const path = join(folder.path, '0')
  const file = { path, temporaryPath: join(folder.path, 'incoming'), sizeBytes }
  const part = new IncomingPartFile(
    file,
    { pause: () => flow.pauses++, resume: () => flow.resumes++ },
    limits,
  )
  return { part, path, flow, list: () => readdir(folder.path) }
}

test('bytes that come faster than the disk takes them are asked to wait, and all arrive', async (t) => {
  const bytes = randomBytes(8 * 1024 * 1024)
  const { part, path, flow } = await openPart(t, bytes.length)
  // All in one turn of the loop: no disk is that fast.
  for (let start = 0; start < bytes.length; start += 65_536) {
    part.write(Uint8Array.from(bytes.subarray(start, start + 65_536)))
  }
  assert.equal(flow.pauses, 1)
  assert.equal(flow.resumes, 0)
  part.end()
  await part.done
  assert.equal(flow.resumes, 1)
  assert.ok((await readFile(path)).equals(bytes))
})

test('more bytes than announced, or fewer, leave nothing', async (t) => {
  const longer = await openPart(t, 3)
  longer.part.write(Buffer.from('ab'))
  longer.part.write(Buffer.from('cd'))
  await assert.rejects(longer.part.done, { code: 'file_changed', details: { limit: 3 } })
  longer.part.end()
  assert.deepEqual(await longer.list(), [])

  const shorter = await openPart(t, 3)
  shorter.part.write(Buffer.from('ab'))
  shorter.part.end()
  await assert.rejects(shorter.part.done, { code: 'file_changed' })
  assert.deepEqual(await shorter.list(), [])
})

test('a sender that goes away leaves nothing', async (t) => {
  const { part, list } = await openPart(t, 3)
  part.write(Buffer.from('ab'))
  part.cancel()
  await assert.rejects(part.done, { code: 'unavailable' })
  assert.deepEqual(await list(), [])
})

test('a sender that stands still, or takes too long, is given up', async (t) => {
  const still = await openPart(t, 3, { deadlineMs: 60_000, idleMs: 20 })
  still.part.write(Buffer.from('ab'))
  await assert.rejects(still.part.done, { code: 'unavailable', message: /stood still/ })
  assert.deepEqual(await still.list(), [])

  const slow = await openPart(t, 1_000_000, { deadlineMs: 50, idleMs: 60_000 })
  const dripping = setInterval(() => slow.part.write(Buffer.from('x')), 1)
  await assert.rejects(slow.part.done, { code: 'unavailable', message: /too long/ })
  clearInterval(dripping)
  assert.deepEqual(await slow.list(), [])
})

test('a paused sender is let go on when its part fails, so that it can read why', async (t) => {
  const { part, flow } = await openPart(t, 2 * 1024 * 1024)
  part.write(new Uint8Array(2 * 1024 * 1024))
  part.write(new Uint8Array(1))
  await assert.rejects(part.done, { code: 'file_changed' })
  await eventually(() => assert.equal(flow.pauses, flow.resumes))
})
