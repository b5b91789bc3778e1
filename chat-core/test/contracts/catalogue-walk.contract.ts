import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { newAttachmentId, newBlobKey } from '@satchel/protocol'
import type { AttachmentCatalogue, BlobCatalogue, CatalogueWalk } from '@satchel/chat-core/ports'
import { attachmentRow, newBlob } from '../support/media-rows.ts'
import type { OpenedPort } from './opened-port.ts'

export interface WalkedPorts {
  readonly attachments: AttachmentCatalogue
  readonly blobs: BlobCatalogue
  readonly walk: CatalogueWalk
}

/** More than a page of any backend. */
const ROWS = 130

/** What every `CatalogueWalk` keeps to. */
export function describeCatalogueWalk(
  backend: string,
  open: () => Promise<OpenedPort<WalkedPorts>>,
): void {
  describe(`catalogue walk, ${backend}`, () => {
    let opened: OpenedPort<WalkedPorts>
    before(async () => {
      opened = await open()
    })
    after(() => opened.close())

    async function inTens<Item>(items: readonly Item[], work: (item: Item) => Promise<unknown>) {
      for (let from = 0; from < items.length; from += 10)
        await Promise.all(items.slice(from, from + 10).map(work))
    }

    test('every attachment is walked over once, as it is, also from the middle on', async () => {
      const rows = Array.from({ length: ROWS }, () => attachmentRow({ state: 'ready' }))
      await inTens(rows, (row) => opened.port.attachments.create(row, { maxPending: 10 }))
      const walked = await Array.fromAsync(opened.port.walk.attachments())
      assert.equal(walked.length, ROWS)
      const byId = new Map(walked.map((row) => [row.id, row]))
      for (const row of rows) assert.deepEqual(byId.get(row.id), row)
      const middle = walked[110]!
      await opened.port.attachments.remove(middle)
      const rest = await Array.fromAsync(opened.port.walk.attachments(middle.id))
      assert.deepEqual(rest, walked.slice(111))
    })

    test('every blob is walked over once, whoever refers to it, also from the middle on', async () => {
      const blobs = Array.from({ length: ROWS }, () => newBlob())
      await inTens(blobs, async (blob) => {
        await opened.port.blobs.store(blob, newAttachmentId())
        await opened.port.blobs.addReference(blob.key, newAttachmentId())
      })
      const walked = await Array.fromAsync(opened.port.walk.blobs())
      const keys = walked.map(({ key }) => key)
      assert.equal(keys.length, ROWS)
      assert.deepEqual(new Set(keys), new Set(blobs.map(({ key }) => key)))
      const middle = keys[110]!
      await opened.port.blobs.remove(middle)
      const rest = await Array.fromAsync(opened.port.walk.blobs(middle))
      assert.deepEqual(
        rest.map(({ key }) => key),
        keys.slice(111),
      )
    })

    test('who refers to a blob is told, and who does not', async () => {
      const { blobs, walk } = opened.port
      const blob = newBlob()
      const ids = Array.from({ length: 12 }, () => newAttachmentId())
      await blobs.store(blob, ids[0]!)
      for (const id of ids) await blobs.addReference(blob.key, id)
      const left = ids.slice(1)
      await blobs.removeReference(blob.key, ids[0]!, 100)
      assert.deepEqual(new Set(await Array.fromAsync(walk.references(blob.key))), new Set(left))
      assert.equal(await walk.isReferred(blob.key, ids[0]!), false)
      assert.equal(await walk.isReferred(blob.key, ids[1]!), true)
      assert.deepEqual(await Array.fromAsync(walk.references(newBlobKey())), [])
      assert.equal(await walk.isReferred(newBlobKey(), ids[1]!), false)
    })
  })
}
