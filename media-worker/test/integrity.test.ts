import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test, type TestContext } from 'node:test'
import type { ColdStorage, ObjectStore } from '@satchel/chat-core/ports'
import { newAttachmentId, newBlobKey, type BlobKey } from '@satchel/protocol'
import { openEmbeddedBackend, type Backend } from '@satchel/chat-core/backends'
import { createHash } from 'node:crypto'
import { ManualClock } from '../../chat-core/test/support/manual-clock.ts'
import { openObjectFolder } from '../../chat-core/src/adapters/embedded/object-folder.ts'
import { openTemporaryFolder } from '../../chat-core/test/support/temporary-folder.ts'
import { findDamage } from '../src/integrity/find-damage.ts'
import { scanIntegrity, type ScanDeps } from '../src/integrity/scan-integrity.ts'

const DAY_MS = 24 * 3_600_000
const BLOBS = 60

interface Stage {
  readonly backend: Backend
  readonly deps: ScanDeps
  readonly clock: ManualClock
  readonly keys: readonly BlobKey[]
  /** What was told of each blob, in order. */
  readonly told: { readonly blob: BlobKey; readonly health: string }[]
}

async function write(objects: ObjectStore, key: BlobKey, bytes: Buffer): Promise<void> {
  const body = async function* () {
    yield bytes
  }
  await objects.put(`blob/${key}`, body(), bytes.length)
}

/** Blobs in a store, the same in a second one. */
async function openStage(t: TestContext, { hasReplica = true } = {}): Promise<Stage> {
  const [folder, replica] = [await openTemporaryFolder(), await openTemporaryFolder()]
  const clock = new ManualClock()
  await openObjectFolder(replica.path)
  const backend = await openEmbeddedBackend({
    dataDir: folder.path,
    replica: hasReplica ? replica.path : undefined,
    pid: process.pid,
    clock,
    onListenerError: () => undefined,
  })
  t.after(async () => {
    await backend.close()
    await folder.remove()
    await replica.remove()
  })
  const keys: BlobKey[] = []
  for (let n = 0; n < BLOBS; n++) {
    const [key, bytes] = [newBlobKey(), randomBytes(100)]
    const sha256 = createHash('sha256').update(bytes).digest('base64url')
    await backend.blobs.store({ key, sha256, sizeBytes: 100 }, newAttachmentId())
    for (const store of [backend.objects, backend.replica]) {
      if (store !== undefined) await write(store, key, bytes)
    }
    keys.push(key)
  }
  const told: Stage['told'][number][] = []
  const telemetry = {
    bytesChecked: (blob: BlobKey, health: string) => void told.push({ blob, health }),
    upkeepFailed: () => undefined,
    blobCooled: (blob: BlobKey) => void told.push({ blob, health: 'cooled' }),
  }
  return { backend, clock, keys, told, deps: { ...backend, telemetry } }
}

test('within thirty days every blob is looked at once, and after a restart none once more', async (t) => {
  const { deps, clock, keys, told } = await openStage(t)
  for (let day = 0; day < 30; day++) {
    await scanIntegrity(deps)
    // Another worker, or the same one once more: the day is over.
    assert.equal(await scanIntegrity(deps), 0)
    clock.advance(DAY_MS)
  }
  assert.equal(told.length, BLOBS)
  assert.deepEqual(new Set(told.map(({ blob }) => blob)), new Set(keys))
  assert.ok(told.every(({ health }) => health === 'sound'))
})

test('on the way live originals are moved to the colder class, by their age', async (t) => {
  const { backend, deps, clock, keys, told } = await openStage(t)
  const [condemned] = keys
  assert.ok(condemned)
  for await (const reference of backend.catalogueWalk.references(condemned))
    await backend.blobs.removeReference(condemned, reference, 0)
  const asked: { readonly key: string; readonly ageMs: number }[] = []
  const storage: ColdStorage = {
    async coolObject(key, beforeMs) {
      asked.push({ key, ageMs: clock.nowMs() - beforeMs })
      return asked.length % 2 === 0
    },
  }
  for (let day = 0; day < 30; day++) {
    await scanIntegrity({ ...deps, tiering: { storage, ageMs: 7 * DAY_MS } })
    clock.advance(DAY_MS)
  }
  const wanted = keys.filter((key) => key !== condemned).map((key) => `blob/${key}`)
  assert.deepEqual(new Set(asked.map(({ key }) => key)), new Set(wanted))
  assert.ok(asked.every(({ ageMs }) => ageMs === 7 * DAY_MS))
  const cooled = told.filter(({ health }) => health === 'cooled')
  assert.equal(cooled.length, Math.floor(wanted.length / 2))
})

test('bytes that are gone or cut short are restored from the replica', async (t) => {
  const { backend, deps, clock, keys, told } = await openStage(t)
  const [gone, short] = keys
  assert.ok(gone && short)
  await backend.objects.remove([`blob/${gone}`])
  await write(backend.objects, short, Buffer.from('short'))
  for (let day = 0; day < 30; day++) {
    await scanIntegrity(deps)
    clock.advance(DAY_MS)
  }
  const restored = told.filter(({ health }) => health === 'restored').map(({ blob }) => blob)
  assert.deepEqual(new Set(restored), new Set([gone, short]))
  assert.deepEqual(await Array.fromAsync(findDamage(deps)), [])
})

test('bytes that changed without growing are found by reading them, and told of where nothing restores them', async (t) => {
  const { backend, deps, keys } = await openStage(t, { hasReplica: false })
  const [changed] = keys
  assert.ok(changed)
  await write(backend.objects, changed, randomBytes(100))
  const found = await Array.fromAsync(findDamage(deps))
  assert.deepEqual(found, [{ blob: changed, health: 'damaged' }])
})

test('bytes that are being deleted are nobody’s loss', async (t) => {
  const { backend, deps, keys } = await openStage(t, { hasReplica: false })
  const [key] = keys
  assert.ok(key)
  for await (const reference of backend.catalogueWalk.references(key))
    await backend.blobs.removeReference(key, reference, 0)
  assert.equal(await backend.blobs.beginDeletion(key, 0), true)
  await backend.objects.remove([`blob/${key}`])
  assert.deepEqual(await Array.fromAsync(findDamage(deps)), [])
})
