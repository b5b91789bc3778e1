import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pickDownload, pickPicture } from '../../web/attachment/pick-variant.ts'
import { pictureBox } from '../../web/attachment/picture-box.ts'

const variants = ['w1600', 'w320', 'download', 'w800'].map((name) => ({
  name,
  contentType: 'image/webp',
  sizeBytes: 1,
  width: name === 'download' ? 3_000 : Number(name.slice(1)),
  height: 1,
  link: undefined,
}))

test('a preview is the smallest that is sharp enough, and otherwise the largest', () => {
  const ready = { state: 'ready', variants } as const
  assert.equal(pickPicture(ready, 300)?.name, 'w320')
  assert.equal(pickPicture(ready, 640)?.name, 'w800')
  assert.equal(pickPicture(ready, 5_000)?.name, 'w1600')
})

test('nothing is shown or downloaded before the verdict, or after a bad one', () => {
  for (const state of ['uploading', 'processing', 'rejected', 'failed', 'expired'] as const) {
    assert.equal(pickPicture({ state, variants }, 300), undefined, state)
    assert.equal(pickDownload({ state, variants }), undefined, state)
  }
})

test('a picture keeps its shape, and very long ones are cropped', () => {
  const upright = pictureBox(3_000, 4_000)
  assert.ok(Math.abs(upright.width / upright.height - 0.75) < 0.01)
  assert.ok(upright.height <= 440)
  const panorama = pictureBox(10_000, 500)
  assert.ok(panorama.width / panorama.height < 3)
  assert.ok(panorama.width <= 420)
})

test('a small picture is not blown up', () => {
  assert.deepEqual(pictureBox(200, 150), { width: 200, height: 150 })
})
