import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLine, texts } from './support/outbox-line.ts'

test('a refusal that may pass holds the line and resends from the refused one, flagged restart', async () => {
  const { outbox, clock, send, takeAsked } = createLine()
  outbox.start()
  const results = ['a', 'b', 'c'].map(send)
  const [a, b, c] = await takeAsked()
  b?.refuse('rate_limited', { retryAfterMs: 700 })
  c?.refuse('restart_required')
  a?.answer()
  void send('d')
  await clock.advance(699)
  assert.deepEqual(texts(await takeAsked()), [], 'held for as long as the refusal says')
  await clock.advance(251)
  const again = await takeAsked()
  assert.deepEqual(
    again.map(({ text, restart }) => [text, restart]),
    [
      ['b', true],
      ['c', false],
      ['d', false],
    ],
  )
  for (const { answer } of again) answer()
  await Promise.all(results)
  await clock.advance(60_000)
  assert.deepEqual(texts(await takeAsked()), [], 'nothing is sent a third time')
})

test('a refusal of an attempt that was repeated since changes nothing', async () => {
  const { outbox, clock, send, takeAsked } = createLine()
  outbox.start()
  const results = ['a', 'b'].map(send)
  const [a, b] = await takeAsked()
  a?.refuse('retry')
  await clock.advance(1_000)
  const again = await takeAsked()
  assert.deepEqual(texts(again), ['a', 'b'])
  b?.refuse('restart_required')
  for (const { answer } of again) answer()
  await Promise.all(results)
  await clock.advance(60_000)
  assert.deepEqual(texts(await takeAsked()), [])
})

test('each refusal in a row is waited out a little longer', async () => {
  const { outbox, clock, send, takeAsked } = createLine()
  outbox.start()
  void send('a')
  const waits: number[] = []
  for (let round = 0; round < 4; round++) {
    const [asked] = await takeAsked()
    asked?.refuse('unavailable')
    const sinceMs = clock.now()
    await clock.advanceToNextTimer()
    waits.push(clock.now() - sinceMs)
  }
  // One second as the code says, and jitter that doubles from a quarter of a second.
  assert.deepEqual(waits, [1_250, 1_500, 2_000, 3_000])
})

test('an accepted command keeps its place and is asked again after 30 s, with what follows', async () => {
  const { outbox, clock, send, takeAsked } = createLine()
  outbox.start()
  void send('a')
  void send('b')
  const [a, b] = await takeAsked()
  await clock.advance(20_000)
  a?.accept()
  b?.accept()
  await clock.advance(29_999)
  assert.deepEqual(texts(await takeAsked()), [])
  await clock.advance(1)
  const again = await takeAsked()
  assert.deepEqual(
    again.map(({ text, counter, restart }) => [text, counter, restart]),
    [
      ['a', 1, true],
      ['b', 2, false],
    ],
  )
})

test('a command whose answer got lost on a living session is asked again after 30 s', async () => {
  const { outbox, clock, send, takeAsked } = createLine()
  outbox.start()
  void send('a')
  await takeAsked()
  await clock.advance(30_000)
  assert.deepEqual(texts(await takeAsked()), ['a'])
})

test('a final refusal rejects its own command and no other', async () => {
  const { outbox, send, takeAsked, forgotten } = createLine()
  outbox.start()
  const refused = send('a')
  const accepted = send('b')
  const [a, b] = await takeAsked()
  a?.refuse('not_allowed')
  b?.answer()
  await assert.rejects(refused, { code: 'not_allowed' })
  await accepted
  assert.deepEqual(forgotten, [1, 2])
})

test('a conflict moves the command to a new outbox, behind what is under way in the old one', async () => {
  const { outbox, send, takeAsked } = createLine()
  outbox.start()
  const results = ['a', 'b', 'c'].map(send)
  const [a, b, c] = await takeAsked()
  a?.answer()
  b?.refuse('outbox_conflict')
  void send('d')
  assert.deepEqual(texts(await takeAsked()), [], 'the old outbox is not empty')
  c?.answer()
  const moved = await takeAsked()
  assert.deepEqual(
    moved.map(({ text, counter }) => [text, counter]),
    [
      ['b', 1],
      ['d', 2],
    ],
  )
  assert.notEqual(moved[0]?.outbox, b?.outbox)
  moved[0]?.answer()
  await Promise.all(results)
})

test('commands that all conflict go out in their order, under new ids', async () => {
  const { outbox, send, takeAsked } = createLine()
  outbox.start()
  void ['a', 'b', 'c'].map(send)
  const conflicting = await takeAsked()
  void send('d')
  for (const { refuse } of conflicting) refuse('outbox_conflict')
  assert.deepEqual(texts(await takeAsked()), ['a', 'b', 'c', 'd'])
})

test('a command that takes a new id is put aside again before it goes out', async () => {
  const stored: (() => void)[] = []
  const { outbox, send, takeAsked } = createLine(
    () =>
      new Promise((resolve) => {
        stored.push(resolve)
      }),
  )
  outbox.start()
  void send('a')
  stored[0]?.()
  const [a] = await takeAsked()
  void send('b')
  a?.refuse('outbox_conflict')
  // The storing of b under its old id ends late.
  stored[1]?.()
  stored[2]?.()
  assert.deepEqual(texts(await takeAsked()), ['a'])
  stored[3]?.()
  assert.deepEqual(texts(await takeAsked()), ['b'])
})

test('too_late is an error, and what was not sent yet takes a new outbox', async () => {
  const { outbox, send, takeAsked } = createLine()
  outbox.start()
  const late = send('a')
  for (let n = 2; n <= 17; n++) void send(String(n))
  const first = await takeAsked()
  first[0]?.refuse('too_late')
  await assert.rejects(late, { code: 'too_late' })
  for (const { answer } of first.slice(1)) answer()
  const [next] = await takeAsked()
  assert.equal(next?.text, '17')
  assert.equal(next.counter, 1)
  assert.notEqual(next.outbox, first[0]?.outbox)
})
