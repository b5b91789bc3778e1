import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { promisify } from 'node:util'
import type { StagedUpload } from '@satchel/chat-core/ports'
import { openObjectFolder } from '../../../src/adapters/embedded/object-folder.ts'
import { openEmbeddedObjectStore } from '../../../src/adapters/embedded/object-store.ts'
import { openEmbeddedUploadTarget } from '../../../src/adapters/embedded/upload-target.ts'
import { UrlSigner } from '../../../src/runtime/url-signer.ts'
import { bytesOf, chunksOf } from '../../support/bytes.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { putPart } from '../../support/put-part.ts'

const run = promisify(execFile)
const MiB = 1024 * 1024

/** Objects and uploads on a disk of eight megabytes; skipped where mounting is not allowed. */
async function openOnSmallDisk(context: TestContext) {
  const disk = await mkdtemp(join(tmpdir(), 'satchel-disk-'))
  try {
    await run('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', disk])
  } catch {
    await rm(disk, { recursive: true })
    context.skip('mounting a small file system is not allowed here')
    return undefined
  }
  context.after(async () => {
    await run('umount', ['-l', disk])
    await rm(disk, { recursive: true })
  })
  const folder = await openObjectFolder(disk)
  const clock = new ManualClock()
  const signer = new UrlSigner(new Uint8Array(32))
  const target = openEmbeddedUploadTarget({ folder, signer, clock })
  return { folder, clock, target, objects: openEmbeddedObjectStore(folder) }
}

const put = (objects: ReturnType<typeof openEmbeddedObjectStore>, key: string, size: number) =>
  objects.put(key, chunksOf(Buffer.alloc(size, key), MiB), size)

test('an object for which there is no room is refused, leaves nothing, and what was there stays', async (t) => {
  const stage = await openOnSmallDisk(t)
  if (stage === undefined) return
  const { objects, folder } = stage
  await put(objects, 'a/kept', 3 * MiB)
  await assert.rejects(put(objects, 'a/kept', 6 * MiB), { code: 'storage_full' })
  await assert.rejects(put(objects, 'a/new', 6 * MiB), { code: 'storage_full' })
  assert.deepEqual(await readdir(folder.temporary), [])
  const kept = await objects.read('a/kept')
  assert.ok((await bytesOf(kept!.body)).equals(Buffer.alloc(3 * MiB, 'a/kept')))
  await objects.remove(['a/kept'])
  assert.equal((await put(objects, 'a/new', 6 * MiB)).sizeBytes, 6 * MiB)
})

test('a part for which there is no room is refused, and taken once there is', async (t) => {
  const stage = await openOnSmallDisk(t)
  if (stage === undefined) return
  const { objects, target, clock } = stage
  await put(objects, 'a/filling', 5 * MiB)
  const plan = { key: 'staging/x/y/z', sizeBytes: 4 * MiB, partCount: 0, partBytes: 0 }
  const upload: StagedUpload = { ...plan, targetId: await target.open(plan) }
  const [url] = await target.sign(upload, [0], clock.nowMs() + 60_000)
  const bytes = Buffer.alloc(4 * MiB, 'part')
  await assert.rejects(putPart(target, url!, bytes, clock.nowMs()), { code: 'storage_full' })
  assert.deepEqual(await target.received(upload), [])
  await objects.remove(['a/filling'])
  await putPart(target, url!, bytes, clock.nowMs())
  assert.equal((await target.assemble(upload)).kind, 'assembled')
})

test('parts that cannot be put together for want of room are kept until they can', async (t) => {
  const stage = await openOnSmallDisk(t)
  if (stage === undefined) return
  const { objects, target, clock } = stage
  await put(objects, 'a/filling', 3 * MiB)
  const plan = { key: 'staging/x/y/z', sizeBytes: 3 * MiB, partCount: 3, partBytes: MiB }
  const upload: StagedUpload = { ...plan, targetId: await target.open(plan) }
  for (const url of await target.sign(upload, [1, 2, 3], clock.nowMs() + 60_000)) {
    await putPart(target, url, Buffer.alloc(MiB, `part ${url.part}`), clock.nowMs())
  }
  await assert.rejects(target.assemble(upload), { code: 'storage_full' })
  assert.equal((await target.received(upload)).length, 3)
  await objects.remove(['a/filling'])
  assert.equal((await target.assemble(upload)).kind, 'assembled')
  assert.equal((await objects.head(upload.key))?.sizeBytes, 3 * MiB)
})
