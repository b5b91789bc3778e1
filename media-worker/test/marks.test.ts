import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { condemnedMarkKey } from '@satchel/chat-core'
import { createSystemClock } from '@satchel/chat-core/runtime'
import { newAttachmentId, newBlobKey, type BlobKey } from '@satchel/protocol'
import { randomBytes } from 'node:crypto'
import { parseReconcileCommand } from '../src/reconcile/parse-reconcile-command.ts'
import { runReconcile } from '../src/reconcile/run-reconcile.ts'
import { MediaStage } from './support/media-stage.ts'

interface Marked {
  readonly stage: MediaStage
  readonly lives: BlobKey
  readonly condemned: BlobKey
  readonly gone: BlobKey
  readonly marks: () => Promise<readonly string[]>
}

/** A blob that lives, one that is condemned, one that is gone, and a mark of each. */
async function openMarked(t: TestContext): Promise<Marked> {
  const stage = await MediaStage.open()
  t.after(() => stage.close())
  const { blobs, objects } = stage.backend
  const store = async (): Promise<BlobKey> => {
    const sha256 = randomBytes(32).toString('base64url')
    const { key } = await blobs.store({ key: newBlobKey(), sha256, sizeBytes: 1 }, by)
    return key
  }
  const by = newAttachmentId()
  const [lives, condemned, gone] = [await store(), await store(), newBlobKey()]
  await blobs.removeReference(condemned, by, stage.clock.nowMs())
  for (const key of [lives, condemned, gone]) {
    await objects.put(condemnedMarkKey(key), (async function* () {})(), 0)
  }
  const marks = () => objects.list('condemned/', { limit: 9 })
  return { stage, lives, condemned, gone, marks }
}

test('marks of deletion that nobody needs go once a day, and those that somebody does stay', async (t) => {
  const { stage, lives, condemned, gone, marks } = await openMarked(t)
  assert.equal((await stage.worker.upkeep()).removedMarks, 1)
  // The catalogue may be a wrong one, and links to what is gone may hold.
  assert.deepEqual(new Set(await marks()), new Set([condemned, gone].map(condemnedMarkKey)))
  assert.equal((await stage.worker.upkeep()).removedMarks, 0)
  // When a mark was made is told by the machine’s clock.
  stage.clock.advance(Date.now() - stage.clock.nowMs() + stage.settings.graceMs)
  // The condemned one is gone by then, too.
  assert.equal((await stage.worker.upkeep()).removedMarks, 2)
  assert.deepEqual(await marks(), [])
  const told = stage.told.filter(({ what }) => what === 'markRemoved').map(({ about }) => about[0])
  assert.deepEqual(new Set(told), new Set([lives, condemned, gone]))
})

test('the reconciler finds and removes marks of deletion that nobody needs', async (t) => {
  const { stage, lives, condemned, gone, marks } = await openMarked(t)
  const found: unknown[] = []
  const deps = {
    ...stage.backend,
    clock: createSystemClock(),
    settings: stage.settings,
    replica: undefined,
    orphanAgeMs: 0,
    write: (line: string) => void found.push(JSON.parse(line)),
  }
  await runReconcile(deps, parseReconcileCommand(['repair', '--json']))
  const expected = [lives, gone].sort().map((blob) => ({
    kind: 'mark_without_need',
    blob,
    repair: 'removed',
  }))
  assert.deepEqual(found.slice(0, 2), expected)
  assert.deepEqual(await marks(), [condemnedMarkKey(condemned)])
})
