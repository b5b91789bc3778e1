import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import type { PartUrl } from '@satchel/protocol'
import type { ObjectStore, StagedUpload, UploadTarget } from '@satchel/chat-core/ports'
import { bytesOf } from '../support/bytes.ts'
import type { OpenedPort } from './opened-port.ts'

/** A target, the store its objects appear in, and how a client brings a part to it. */
export interface OpenedTarget extends OpenedPort<UploadTarget> {
  readonly objects: ObjectStore
  put(url: PartUrl, bytes: Uint8Array): Promise<void>
  /** Later than everything so far. */
  nowMs(): number
}

const PART_BYTES = 5 * 1024 * 1024

/** What every `UploadTarget` keeps to. */
export function describeUploadTarget(backend: string, open: () => Promise<OpenedTarget>): void {
  describe(`upload target, ${backend}`, () => {
    let opened: OpenedTarget
    before(async () => {
      opened = await open()
    })
    after(() => opened.close())

    async function openUpload(sizeBytes: number, partCount = 0): Promise<StagedUpload> {
      const day = new Date(opened.nowMs()).toISOString().slice(0, 10).replaceAll('-', '')
      const key = `staging/${day}/${randomBytes(4).toString('hex')}/upload`
      const partBytes = partCount === 0 ? 0 : PART_BYTES
      const upload = { key, sizeBytes, partCount, partBytes }
      return { ...upload, targetId: await opened.port.open(upload) }
    }
    const openUploads = (beforeMs: number) => Array.fromAsync(opened.port.listOpen(beforeMs))
    async function bring(upload: StagedUpload, part: number, bytes: Uint8Array): Promise<void> {
      const [url] = await opened.port.sign(upload, [part], opened.nowMs() + 60_000)
      assert.equal(url?.sizeBytes, bytes.length)
      await opened.put(url, bytes)
    }

    test('one PUT becomes the object', async () => {
      const upload = await openUpload(5)
      assert.deepEqual(await opened.port.assemble(upload), { kind: 'missing', parts: [0] })
      await bring(upload, 0, Buffer.from('hello'))
      const received = await opened.port.received(upload)
      assert.deepEqual(
        received.map(({ part, sizeBytes }) => ({ part, sizeBytes })),
        [{ part: 0, sizeBytes: 5 }],
      )
      const assembled = await opened.port.assemble(upload)
      assert.equal(assembled.kind, 'assembled')
      const object = await opened.objects.read(upload.key)
      assert.equal(object?.etag, assembled.etag)
      assert.equal((await bytesOf(object.body)).toString(), 'hello')
    })

    test('parts in any order become the object, the missing ones are told', async () => {
      const bytes = randomBytes(PART_BYTES * 2 + 3)
      const upload = await openUpload(bytes.length, 3)
      const part = (number: number) =>
        bytes.subarray((number - 1) * PART_BYTES, number * PART_BYTES)
      await bring(upload, 3, part(3))
      await bring(upload, 1, part(1))
      assert.deepEqual(await opened.port.assemble(upload), { kind: 'missing', parts: [2] })
      await bring(upload, 2, part(2))
      assert.equal((await opened.port.assemble(upload)).kind, 'assembled')
      const object = await opened.objects.read(upload.key)
      assert.ok((await bytesOf(object!.body)).equals(bytes))
    })

    test('assembling again, or twice at once, gives the same etag', async () => {
      const upload = await openUpload(5)
      await bring(upload, 0, Buffer.from('hello'))
      const outcomes = await Promise.all([
        opened.port.assemble(upload),
        opened.port.assemble(upload),
      ])
      outcomes.push(await opened.port.assemble(upload))
      assert.equal(outcomes[0].kind, 'assembled')
      assert.deepEqual(outcomes, [outcomes[0], outcomes[0], outcomes[0]])
    })

    test('a part brought again replaces the earlier one', async () => {
      const upload = await openUpload(5)
      await bring(upload, 0, Buffer.from('first'))
      await bring(upload, 0, Buffer.from('later'))
      assert.equal((await opened.port.assemble(upload)).kind, 'assembled')
      const object = await opened.objects.read(upload.key)
      assert.equal((await bytesOf(object!.body)).toString(), 'later')
    })

    test('what arrives after assembling does not change the object', async () => {
      const upload = await openUpload(5)
      const [url] = await opened.port.sign(upload, [0], opened.nowMs() + 60_000)
      await opened.put(url!, Buffer.from('first'))
      const assembled = await opened.port.assemble(upload)
      assert.equal(assembled.kind, 'assembled')
      await opened.put(url!, Buffer.from('later')).catch(() => undefined)
      const copied = await opened.objects.copy(upload.key, assembled.etag, 'blob/after')
      if (!copied) return
      const copy = await opened.objects.read('blob/after')
      assert.equal((await bytesOf(copy!.body)).toString(), 'first')
    })

    test('an aborted upload is gone, with its object, and parts do not bring it back', async () => {
      const upload = await openUpload(PART_BYTES + 1, 2)
      const [first, second] = await opened.port.sign(upload, [1, 2], opened.nowMs() + 60_000)
      await opened.put(first!, Buffer.alloc(PART_BYTES))
      await opened.put(second!, Buffer.from('x'))
      await opened.port.assemble(upload)
      assert.ok(await opened.objects.head(upload.key))
      await opened.port.abort(upload)
      await opened.port.abort(upload)
      assert.equal(await opened.objects.head(upload.key), undefined)
      await assert.rejects(opened.put(second!, Buffer.from('x')))
      assert.deepEqual(await opened.port.received(upload), [])
      assert.deepEqual(await opened.port.assemble(upload), { kind: 'gone' })
    })

    test('an upload of one PUT that was aborted is gone, or its late bytes are found and freed', async () => {
      const upload = await openUpload(5)
      const [url] = await opened.port.sign(upload, [0], opened.nowMs() + 60_000)
      await opened.put(url!, Buffer.from('hello'))
      await opened.port.assemble(upload)
      await opened.port.abort(upload)
      await opened.port.abort(upload)
      assert.equal(await opened.objects.head(upload.key), undefined)
      assert.deepEqual(await opened.port.received(upload), [])
      if (opened.port.revokesUrls) {
        await assert.rejects(opened.put(url!, Buffer.from('hello')))
        assert.deepEqual(await opened.port.assemble(upload), { kind: 'gone' })
        return
      }
      assert.deepEqual(await opened.port.assemble(upload), { kind: 'missing', parts: [0] })
      await opened.put(url!, Buffer.from('hello'))
      const late = (await openUploads(opened.nowMs() + 1)).filter(({ key }) => key === upload.key)
      assert.equal(late.length, 1)
      for (const one of late) await opened.port.abort(one)
      assert.equal(await opened.objects.head(upload.key), undefined)
    })

    test('what takes up room and was not aborted is listed once it is old enough', async () => {
      const [begun, brought, aborted] = [
        await openUpload(PART_BYTES + 1, 2),
        await openUpload(5),
        await openUpload(PART_BYTES + 1, 2),
      ]
      await bring(brought, 0, Buffer.from('hello'))
      await bring(aborted, 1, Buffer.alloc(PART_BYTES))
      await opened.port.abort(aborted)
      const listed = await openUploads(opened.nowMs() + 1)
      const targetIdOf = ({ key }: StagedUpload) =>
        listed.find((candidate) => candidate.key === key)?.targetId
      assert.equal(targetIdOf(begun), begun.targetId)
      assert.equal(targetIdOf(brought), brought.targetId)
      assert.equal(targetIdOf(aborted), undefined)
      const old = await openUploads(opened.nowMs() - 3_600_000)
      assert.ok(!old.some(({ key }) => key === begun.key || key === brought.key))
    })

    test('parts are there after a restart', async () => {
      const upload = await openUpload(5)
      await bring(upload, 0, Buffer.from('hello'))
      await opened.reopen()
      assert.equal((await opened.port.received(upload)).length, 1)
      assert.equal((await opened.port.assemble(upload)).kind, 'assembled')
    })
  })
}
