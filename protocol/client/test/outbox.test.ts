import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ChatError, parseOutboxId } from '@satchel/protocol'
import type { RequestedCommand } from '@satchel/protocol'
import { conversationId, createLine, texts } from './support/outbox-line.ts'

test('commands go out in order, with counters from 1, the first flagged restart', async () => {
  const { outbox, send, takeAsked } = createLine()
  outbox.start()
  void send('a')
  void send('b')
  const asked = await takeAsked()
  assert.deepEqual(
    asked.map(({ text, counter, restart }) => [text, counter, restart]),
    [
      ['a', 1, true],
      ['b', 2, false],
    ],
  )
})

test('a counter is not sent while one 16 below has no final answer', async () => {
  const { outbox, send, takeAsked } = createLine()
  outbox.start()
  for (let n = 1; n <= 40; n++) void send(String(n))
  const first = await takeAsked()
  assert.equal(first.length, 16)
  for (const { answer } of first.slice(1)) answer()
  assert.equal((await takeAsked()).length, 0, 'only the first has no answer')
  first[0]?.accept()
  assert.equal((await takeAsked()).length, 0, 'accepted is not final')
  first[0]?.answer()
  assert.deepEqual(
    (await takeAsked()).map(({ counter }) => counter),
    Array.from({ length: 16 }, (_, index) => 17 + index),
  )
})

test('after a reconnect everything unanswered goes out again, in order, with the same ids', async () => {
  const { outbox, send, takeAsked } = createLine()
  outbox.start()
  for (const text of ['a', 'b', 'c', 'd']) void send(text)
  const first = await takeAsked()
  first[1]?.answer()
  outbox.stop()
  void send('e')
  assert.equal((await takeAsked()).length, 0, 'nothing goes out without a session')
  outbox.start()
  const second = await takeAsked()
  assert.deepEqual(
    second.map(({ text, counter, restart }) => [text, counter, restart]),
    [
      ['a', 1, true],
      ['c', 3, false],
      ['d', 4, false],
      ['e', 5, false],
    ],
  )
  assert.equal(second[0]?.outbox, first[0]?.outbox)
})

test('a command whose event was seen is answered by it, whatever comes later', async () => {
  const { outbox, send, takeAsked } = createLine()
  outbox.start()
  const result = send('a')
  const [a] = await takeAsked()
  assert.ok(a)
  const commandId = outbox.confirm(
    { outbox: outboxIdOf(a.outbox), counter: a.counter },
    { conversationId, seq: 9, timeMs: 0 },
  )
  assert.ok(commandId)
  a.refuse('too_late')
  assert.equal((await result).seq, 9)
})

test('a command that is being prepared keeps its place', async () => {
  const { outbox, send, takeAsked } = createLine()
  outbox.start()
  let ready: (command: RequestedCommand) => void = () => undefined
  const preparing = new Promise<RequestedCommand>((resolve) => {
    ready = resolve
  })
  outbox.add(preparing)
  void send('b')
  assert.deepEqual(texts(await takeAsked()), [])
  ready({ kind: 'send_message', text: 'a' })
  assert.deepEqual(texts(await takeAsked()), ['a', 'b'])
})

test('a command that could not be prepared leaves the line with its error', async () => {
  const { outbox, send, takeAsked } = createLine()
  outbox.start()
  const { result } = outbox.add(Promise.reject(new ChatError('too_large', 'the file is too large')))
  void send('b')
  await assert.rejects(result, { code: 'too_large' })
  assert.deepEqual(texts(await takeAsked()), ['b'])
})

test('nothing goes out before it has been put aside', async () => {
  let stored: () => void = () => undefined
  const { outbox, send, takeAsked } = createLine(
    () =>
      new Promise((resolve) => {
        stored = resolve
      }),
  )
  outbox.start()
  void send('a')
  assert.deepEqual(texts(await takeAsked()), [])
  stored()
  assert.deepEqual(texts(await takeAsked()), ['a'])
})

test('a storage that fails holds nothing up', async () => {
  const { outbox, send, takeAsked } = createLine(() => Promise.reject(new Error('full')))
  outbox.start()
  void send('a')
  assert.deepEqual(texts(await takeAsked()), ['a'])
})

test('more than a thousand commands without an answer are refused', () => {
  const { outbox, send } = createLine()
  for (let n = 1; n <= 1_000; n++) void send(String(n))
  assert.throws(() => outbox.add({ kind: 'send_message', text: '1001' }), {
    code: 'rate_limited',
  })
})

test('closing rejects what has no answer', async () => {
  const { outbox, send, takeAsked } = createLine()
  outbox.start()
  const result = send('a')
  await takeAsked()
  outbox.close(new ChatError('unavailable', 'closed'))
  await assert.rejects(result, { code: 'unavailable' })
})

function outboxIdOf(text: string) {
  const outbox = parseOutboxId(text)
  assert.ok(outbox)
  return outbox
}

test('what is said after the end is refused, and changes nothing', async () => {
  const { outbox, send, takeAsked } = createLine()
  outbox.start()
  const waiting = send('a')
  outbox.close(new ChatError('unavailable', 'the client was closed'))
  await assert.rejects(waiting, { code: 'unavailable' })
  await takeAsked()
  await assert.rejects(async () => send('b'), { code: 'unavailable' })
  assert.equal((await takeAsked()).length, 0)
})
