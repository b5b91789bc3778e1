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
  /** Later than every `openedMs` so far. */
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
      const key = `staging/20270101/${randomBytes(4).toString('hex')}/upload`
      const partBytes = partCount === 0 ? 0 : PART_BYTES
      const upload = { key, sizeBytes, partCount, partBytes }
      return { ...upload, targetId: await opened.port.open(upload) }
    }
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
      const upload = await openUpload(5)
      const [url] = await opened.port.sign(upload, [0], opened.nowMs() + 60_000)
      await opened.put(url!, Buffer.from('hello'))
      await opened.port.assemble(upload)
      await opened.port.abort(upload)
      await opened.port.abort(upload)
      assert.equal(await opened.objects.head(upload.key), undefined)
      await opened.put(url!, Buffer.from('hello')).catch(() => undefined)
      assert.deepEqual(await opened.port.received(upload), [])
      assert.deepEqual(await opened.port.assemble(upload), { kind: 'gone' })
    })

    test('uploads neither assembled nor aborted are listed once they are old enough', async () => {
      const [open1, done, aborted] = [await openUpload(5), await openUpload(5), await openUpload(5)]
      await bring(done, 0, Buffer.from('hello'))
      await opened.port.assemble(done)
      await opened.port.abort(aborted)
      const listed = await opened.port.listOpen(opened.nowMs() + 1, 1_000)
      const keys = listed.map(({ key }) => key)
      assert.ok(keys.includes(open1.key))
      assert.ok(!keys.includes(done.key) && !keys.includes(aborted.key))
      const long = await opened.port.listOpen(opened.nowMs() - 3_600_000, 1_000)
      assert.ok(!long.some(({ key }) => key === open1.key))
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
