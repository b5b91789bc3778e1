import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newBlobKey } from '@satchel/protocol'
import type { MediaLinks } from '../../src/links/media-links.ts'
import { MemoizedLinks } from '../../src/links/memoized-links.ts'
import { SatchelLinks } from '../../src/links/satchel-links.ts'

const HOUR_MS = 3_600_000
const NOW_MS = Date.UTC(2027, 0, 1, 12, 34, 56)
const plain = new SatchelLinks({ secret: new Uint8Array(32), windowMs: HOUR_MS })

function countedLinks(most: number) {
  let signed = 0
  const counting: MediaLinks = {
    sign: (...call) => {
      signed++
      return plain.sign(...call)
    },
  }
  const links = new MemoizedLinks(counting, { windowMs: HOUR_MS, most })
  return { links, signed: () => signed }
}

const target = (variant = 'w320') => {
  return { blob: newBlobKey(), pipelineVersion: 1, variant, contentType: 'image/webp' }
}

test('at every moment a remembered link is the one that would be signed', () => {
  const { links, signed } = countedLinks(100)
  const media = target()
  for (let second = 0; second < 3 * 3_600; second += 7) {
    const nowMs = NOW_MS + second * 1_000 + (second % 1_000)
    assert.deepEqual(links.sign(media, nowMs), plain.sign(media, nowMs))
  }
  assert.ok(signed() <= 4, `signed ${signed()} times`)
})

test('links that differ in anything are not taken for each other', () => {
  const { links } = countedLinks(100)
  const media = target()
  const others = [
    [media, undefined],
    [media, ''],
    [media, 'a.webp'],
    [{ ...media, variant: 'w800' }, undefined],
    [{ ...media, pipelineVersion: 2 }, undefined],
    [{ ...media, contentType: 'image/jpeg' }, undefined],
    [target(), undefined],
  ] as const
  for (let round = 0; round < 2; round++) {
    const urls = others.map(([one, name]) => links.sign(one, NOW_MS, name).url)
    assert.deepEqual(
      urls,
      others.map(([one, name]) => plain.sign(one, NOW_MS, name).url),
    )
  }
})

test('what is asked for again and again stays, what is not is forgotten', () => {
  const { links, signed } = countedLinks(10)
  const [hot, cold] = [target(), target()]
  links.sign(cold, NOW_MS)
  for (let other = 0; other < 100; other++) {
    links.sign(target(), NOW_MS)
    links.sign(hot, NOW_MS)
  }
  const before = signed()
  assert.equal(before, 102)
  links.sign(hot, NOW_MS)
  assert.equal(signed(), before)
  links.sign(cold, NOW_MS)
  assert.equal(signed(), before + 1)
})
