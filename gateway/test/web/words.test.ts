import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ChatError } from '@satchel/protocol'
import { describeActivity } from '../../web/words/describe-activity.ts'
import { describeError } from '../../web/words/describe-error.ts'
import { describeSize } from '../../web/words/describe-size.ts'
import { dayTitle, shortTime } from '../../web/words/describe-time.ts'
import { listWords } from '../../web/words/list-words.ts'

const NOON = new Date(2026, 5, 10, 12)
const now = NOON.getTime()
const HOUR_MS = 3_600_000

test('a time in a list is as short as it can be', () => {
  assert.equal(shortTime(now - 20_000, now), 'now')
  assert.equal(shortTime(now - 5 * 60_000, now), '5 min')
  assert.match(shortTime(now - 3 * HOUR_MS, now), /^0?9:00/)
  assert.equal(shortTime(now - 13 * HOUR_MS, now), 'Yesterday')
})

test('a time from the future, by a clock that is ahead, is now', () => {
  assert.equal(shortTime(now + 90_000, now), 'now')
})

test('days have names where they are close', () => {
  assert.equal(dayTitle(now, now), 'Today')
  assert.equal(dayTitle(now - 13 * HOUR_MS, now), 'Yesterday')
  assert.match(dayTitle(now - 400 * 24 * HOUR_MS, now), /2025/)
})

test('sizes are said in the unit that makes them short', () => {
  assert.equal(describeSize(1), '1 byte')
  assert.equal(describeSize(820), '820 bytes')
  assert.equal(describeSize(1_234), '1.2 KB')
  assert.equal(describeSize(999_600), '1.0 MB')
  assert.equal(describeSize(52_000_000), '52 MB')
  assert.equal(describeSize(5_000_000_000), '5.0 GB')
})

test('names are listed up to a number', () => {
  assert.equal(listWords(['Ann']), 'Ann')
  assert.equal(listWords(['Ann', 'Bob']), 'Ann and Bob')
  assert.equal(listWords(['Ann', 'Bob', 'Cid', 'Dan']), 'Ann, Bob, and 2 others')
})

test('who is active is said in one sentence', () => {
  const nameOf = (id: string): string => id.toUpperCase()
  const active = (entries: readonly (readonly [string, 'typing' | 'uploading'])[]) =>
    describeActivity(new Map(entries) as never, nameOf)
  assert.equal(active([]), undefined)
  assert.equal(active([['ann', 'typing']]), 'ANN is typing…')
  assert.equal(
    active([
      ['ann', 'typing'],
      ['bob', 'uploading'],
    ]),
    'ANN and BOB are busy here…',
  )
})

test('an error names the limit where it helps, and never a code', () => {
  const tooLarge = new ChatError('too_large', 'the file has 60000000 bytes', { limit: 50_000_000 })
  assert.equal(describeError(tooLarge), 'This file is too large. Files can have up to 50 MB.')
  assert.doesNotMatch(describeError(new ChatError('internal', 'fault 12af')), /12af|internal/)
  assert.doesNotMatch(describeError(new TypeError('x is undefined')), /undefined/)
})
