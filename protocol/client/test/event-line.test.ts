import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ChatError } from '@satchel/protocol'
import type { ConversationEvent } from '@satchel/protocol'
import { EventLine } from '../src/event-line.ts'
import { ManualClock } from './support/manual-clock.ts'
import { user } from './support/test-bench.ts'

const alice = user('alice')

function eventAt(seq: number, text = String(seq)): ConversationEvent {
  const content = { kind: 'message_sent', body: { version: seq, text } } as const
  return { seq, ordinal: seq, timeMs: seq, authorId: alice, content }
}

/** A line that is live and the far end that `catchUp` asks. */
function createLine(cursor: number | undefined) {
  const clock = new ManualClock()
  const delivered: number[] = []
  const contents: ConversationEvent['content'][] = []
  const asked: number[] = []
  let answer: (seq: number) => Promise<unknown> = () => Promise.resolve()
  const line = new EventLine(
    {
      clock,
      random: () => 0.5,
      deliver: ({ seq, content }) => {
        delivered.push(seq)
        contents.push(content)
      },
      catchUp: (seq) => {
        asked.push(seq)
        return answer(seq)
      },
    },
    cursor,
  )
  line.start(false)
  const replayUpTo = (head: number) => (seq: number) => {
    for (let next = seq + 1; next <= head; next++) line.receive(eventAt(next))
    line.replayed(head)
    return Promise.resolve()
  }
  return {
    line,
    clock,
    delivered,
    contents,
    asked,
    replayUpTo,
    answerWith: (answerNow: (seq: number) => Promise<unknown>) => {
      answer = answerNow
    },
  }
}

type Fate = 'deliver' | 'twice' | 'drop' | 'later'
type Answer = 'replay' | 'behind' | 'refuse' | 'silence'

test('however live events are dropped, doubled and delayed, each is delivered once and in order', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom<Fate>('deliver', 'twice', 'drop', 'later'), { maxLength: 60 }),
      fc.array(fc.constantFrom<Answer>('replay', 'behind', 'refuse', 'silence'), { maxLength: 8 }),
      fc.array(fc.boolean(), { maxLength: 60 }),
      async (fates, answers, pauses) => {
        const { line, clock, delivered, answerWith, replayUpTo } = createLine(0)
        let head = 0
        const queue = [...answers]
        answerWith((seq) => {
          const next = queue.shift() ?? 'replay'
          if (next === 'behind') line.fallBehind()
          if (next === 'refuse') return Promise.reject(new ChatError('unavailable', 'not now'))
          return next === 'replay' ? replayUpTo(head)(seq) : Promise.resolve()
        })
        const late: ConversationEvent[] = []
        for (const [index, fate] of fates.entries()) {
          head = index + 1
          const event = eventAt(head)
          if (fate === 'later') late.push(event)
          if (fate === 'deliver' || fate === 'twice') line.receive(event)
          if (fate === 'twice') line.receive(event)
          if (pauses[index] === true) await clock.advance(70)
          if (pauses[index] === true) for (const waiting of late.splice(0)) line.receive(waiting)
        }
        // What the owner announces some seconds after the last event.
        line.noteHead(head)
        await clock.advanceUntil(() => delivered.length >= head)
        for (const waiting of late) line.receive(waiting)
        await clock.advance(60_000)
        assert.deepEqual(
          delivered,
          fates.map((_, index) => index + 1),
        )
      },
    ),
    { numRuns: 200 },
  )
})

test('an event that comes too early waits for its predecessor before the server is asked', async () => {
  const { line, clock, delivered, asked } = createLine(0)
  line.receive(eventAt(2))
  await clock.advance(50)
  line.receive(eventAt(1))
  await clock.advance(60_000)
  assert.deepEqual(delivered, [1, 2])
  assert.deepEqual(asked, [])
})

test('what waited is taken as the replay brings it, which may be newer', async () => {
  const { line, clock, contents, answerWith } = createLine(0)
  const events = [eventAt(1), eventAt(2, 'edited'), eventAt(3)]
  answerWith(() => {
    // On its way since before the server was asked.
    line.receive(eventAt(3, 'as it was said'))
    for (const event of events) line.receive(event)
    line.replayed(3)
    return Promise.resolve()
  })
  line.receive(eventAt(2, 'as it was said'))
  await clock.advance(1_000)
  assert.deepEqual(
    contents,
    events.map(({ content }) => content),
  )
})

test('what waits behind a replay that never ends is delivered nevertheless', async () => {
  const { line, clock, delivered, asked } = createLine(0)
  line.noteHead(1)
  line.receive(eventAt(2))
  line.receive(eventAt(1))
  await clock.advance(16_000)
  assert.deepEqual(delivered, [1, 2])
  assert.deepEqual(asked, [0])
})

test('only one catching up of a conversation is under way at a time', async () => {
  const { line, clock, asked } = createLine(3)
  line.noteHead(9)
  line.noteHead(12)
  line.receive(eventAt(20))
  await clock.advance(1_000)
  assert.deepEqual(asked, [3])
})

test('a line without a beginning starts with what it hears first', () => {
  const { line, delivered } = createLine(undefined)
  line.receive(eventAt(40))
  line.receive(eventAt(41))
  assert.deepEqual(delivered, [40, 41])
})

test('what a newcomer may not see is passed over', async () => {
  const { line, clock, delivered, answerWith } = createLine(5)
  answerWith(() => {
    for (const seq of [8, 9]) line.receive(eventAt(seq))
    line.replayed(9)
    return Promise.resolve()
  })
  line.noteHead(9)
  await clock.advance(60_000)
  line.receive(eventAt(10))
  assert.deepEqual(delivered, [8, 9, 10])
})

test('a hole in one replay is asked for once more before it is passed over', async () => {
  const { line, clock, delivered, asked, answerWith, replayUpTo } = createLine(0)
  answerWith(() => {
    // The first replay loses an event on its way.
    line.receive(eventAt(1))
    line.receive(eventAt(3))
    answerWith(replayUpTo(3))
    line.replayed(3)
    return Promise.resolve()
  })
  line.noteHead(3)
  await clock.advance(60_000)
  assert.deepEqual(delivered, [1, 2, 3])
  assert.deepEqual(asked, [0, 1])
})

test('a refusal for good ends the asking until something new is heard', async () => {
  const { line, clock, delivered, asked, answerWith, replayUpTo } = createLine(4)
  answerWith(() => Promise.reject(new ChatError('not_a_member', 'no')))
  line.noteHead(9)
  await clock.advance(600_000)
  assert.deepEqual(asked, [4])
  answerWith(replayUpTo(10))
  line.receive(eventAt(10))
  await clock.advance(1_000)
  assert.deepEqual(delivered, [5, 6, 7, 8, 9, 10])
})

test('asking without success becomes rare', async () => {
  const { line, clock, asked, answerWith } = createLine(4)
  answerWith(() => Promise.reject(new ChatError('unavailable', 'not now')))
  line.noteHead(9)
  await clock.advance(600_000)
  assert.ok(asked.length > 20, `${String(asked.length)} times`)
  assert.ok(asked.length < 60, `${String(asked.length)} times`)
})

test('so many early events wait, and no more; the rest is asked for', async () => {
  const { line, clock, delivered, asked, answerWith, replayUpTo } = createLine(0)
  for (let seq = 2; seq <= 1_500; seq++) line.receive(eventAt(seq))
  answerWith(replayUpTo(1_500))
  line.receive(eventAt(1))
  await clock.advance(1_000)
  assert.deepEqual(asked, [1_000])
  assert.equal(delivered.length, 1_500)
})

test('without a session nothing is asked for', async () => {
  const { line, clock, asked } = createLine(4)
  line.stop()
  line.noteHead(9)
  line.receive(eventAt(7))
  await clock.advance(60_000)
  assert.deepEqual(asked, [])
  line.start(false)
  assert.deepEqual(asked, [4])
})

test('after too large a gap the line goes on behind it, also when the server has less', () => {
  const { line, delivered } = createLine(4)
  line.receive(eventAt(900))
  line.jump(899)
  assert.deepEqual(delivered, [900])
  line.jump(10)
  line.receive(eventAt(11))
  assert.deepEqual(delivered, [900, 11])
})
