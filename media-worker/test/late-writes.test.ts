import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { blobObjectKey, derivedPrefix } from '@satchel/chat-core'
import type { ObjectStore } from '@satchel/chat-core/ports'
import type { AttachmentId, BlobKey } from '@satchel/protocol'
import { coolBlob } from '../src/integrity/cool-blob.ts'
import { addHlsVariant } from '../src/pipeline/add-hls-variant.ts'
import { deriveVariants } from '../src/pipeline/derive-variants.ts'
import { restoreBlob } from '../src/reconcile/restore-blob.ts'
import type { FileToDerive } from '../src/sandbox/derive-request.ts'
import { deleteCondemnedBlobs } from '../src/upkeep/delete-condemned-blobs.ts'
import type { WorkerDeps } from '../src/worker-deps.ts'
import { MediaStage } from './support/media-stage.ts'
import { fourCorners } from './support/test-images.ts'

interface Late {
  readonly stage: MediaStage
  readonly id: AttachmentId
  readonly blob: BlobKey
  /** What a worker is made of, whose objects come when the blob is gone. */
  readonly deps: WorkerDeps
  /** Of the blob, in the store. */
  readonly left: () => Promise<readonly string[]>
}

/** A photo, and a store in which its whole deletion comes between a writer's start and the write itself. */
async function openLate(t: TestContext): Promise<Late> {
  const stage = await MediaStage.open()
  t.after(() => stage.close())
  const id = await stage.upload({ bytes: await fourCorners(40, 30) })
  await stage.judged(id)
  const { blob = '' as BlobKey } = await stage.row(id)
  const { backend } = stage
  const sandbox = {
    derive: async ({ outputFolder, task }: FileToDerive) => {
      await writeFile(join(outputFolder, task ?? 'w320'), 'made')
      const files = [{ variant: task ?? 'w320', contentType: 'image/webp' }]
      const derived = { contentType: 'image/png', keepsOriginal: false, files }
      return { kind: 'derived', derived } as const
    },
  }
  const plain: WorkerDeps = {
    ...stage.workerDeps(),
    sandbox,
    lateSandbox: sandbox,
    canPlay: true,
  }
  const deleteBlob = async (): Promise<void> => {
    await backend.blobs.removeReference(blob, id, 0)
    await deleteCondemnedBlobs(plain)
    assert.equal(await backend.blobs.read(blob), undefined)
    assert.deepEqual(await left(), [])
  }
  const objects: ObjectStore = {
    ...backend.objects,
    async put(...call) {
      if ((await backend.blobs.read(blob)) !== undefined) await deleteBlob()
      return backend.objects.put(...call)
    },
  }
  const left = async (): Promise<readonly string[]> => [
    ...(await backend.objects.list(derivedPrefix(blob), { limit: 9 })),
    ...(await backend.objects.list('blob/', { limit: 9 })),
  ]
  return { stage, id, blob, deps: { ...plain, objects }, left }
}

test('variants that come after the deletion of their blob go with it', async (t) => {
  const { stage, blob, deps, left } = await openLate(t)
  const row = await stage.backend.blobs.read(blob)
  assert.ok(row)
  await deriveVariants(deps, row, join(stage.workerFolder, 'none'), stage.workerFolder)
  assert.equal(await stage.backend.blobs.read(blob), undefined)
  assert.deepEqual(await left(), [])
})

test('HLS that comes after the deletion of its blob goes with it', async (t) => {
  const { stage, id, blob, deps, left } = await openLate(t)
  const row = await stage.row(id)
  const play = { name: 'play', contentType: 'video/mp4', sizeBytes: 1 }
  assert.ok(row.facts)
  const facts = { ...row.facts, durationMs: 61_000, variants: [play] }
  await stage.backend.blobs.describe(blob, facts)
  await stage.backend.attachments.replace(row, { ...row, facts, version: row.version + 1 })
  await addHlsVariant(deps, id)
  assert.equal(await stage.backend.blobs.read(blob), undefined)
  assert.deepEqual(await left(), [])
})

test('bytes restored, or moved, after the deletion of their blob go with it', async (t) => {
  const { stage, blob, deps, left } = await openLate(t)
  const { objects } = stage.backend
  const row = await stage.backend.blobs.read(blob)
  const replica = await objects.read(blobObjectKey(blob))
  assert.ok(row && replica)
  const bytes = await Array.fromAsync(replica.body)
  const read: ObjectStore['read'] = async () => ({
    ...replica,
    body: (async function* () {
      yield* bytes
    })(),
  })
  await restoreBlob({ ...deps, replica: { read } }, row)
  assert.deepEqual(await left(), [])

  const storage = {
    async coolObject(key: string) {
      await objects.put(key, (await read(key))!.body, row.sizeBytes)
      return true
    },
  }
  const isCooled = await coolBlob({ ...deps, tiering: { storage, ageMs: 1 } }, row)
  assert.equal(isCooled, false)
  assert.deepEqual(await left(), [])
})
