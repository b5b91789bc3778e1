import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ChatError, newConversationId, parseOutboxId } from '@satchel/protocol'
import type { CommandResult, ErrorDetails, RequestedCommand } from '@satchel/protocol'
import type { OutboxDependencies } from '../src/outbox.ts'
import { Outbox } from '../src/outbox.ts'
import { ManualClock } from './support/manual-clock.ts'

interface Asked {
  readonly counter: number
  readonly outbox: string
  readonly text: string
  readonly restart: boolean
  readonly answer: () => void
  readonly refuse: (code: ChatError['code'], details?: ErrorDetails) => void
  readonly accept: () => void
}

const conversationId = newConversationId('group')

/** An outbox whose commands wait for the test to answer them. */
function createLine(keep: () => Promise<void> = () => Promise.resolve()) {
  const clock = new ManualClock()
  const asked: Asked[] = []
  const forgotten: number[] = []
  const connection: OutboxDependencies['connection'] = {
    ask(request, handlers) {
      assert.ok(request.type === 'command')
      const { commandId, command, restart } = request
      assert.ok(command.kind === 'send_message')
      // The handlers' type follows the request's, which is a command's.
      const answers = handlers as { onResult(result: CommandResult): void }
      asked.push({
        ...commandId,
        text: command.text ?? '',
        restart: restart === true,
        answer: () => {
          answers.onResult({ conversationId, seq: asked.length, timeMs: 0 })
        },
        refuse: (code, details) => {
          handlers.onError(new ChatError(code, code, details))
        },
        accept: () => handlers.onAccepted?.(),
      })
      return true
    },
    renewToken: () => undefined,
  }
  const keeper = {
    keep,
    forget: ({ counter }: { readonly counter: number }) => {
      forgotten.push(counter)
    },
  }
  const outbox = new Outbox({ connection, clock, random: () => 1, keeper }, { conversationId })
  /** What was asked since the last time, as text. */
  const takeAsked = async (): Promise<readonly Asked[]> => {
    await clock.settle()
    return asked.splice(0)
  }
  const send = (text: string) => {
    const { result } = outbox.add({ kind: 'send_message', text })
    // Every test looks at the outcome in its own time.
    result.catch(() => undefined)
    return result
  }
  return { outbox, clock, send, takeAsked, forgotten }
}

const texts = (asked: readonly Asked[]): string[] => asked.map(({ text }) => text)

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
