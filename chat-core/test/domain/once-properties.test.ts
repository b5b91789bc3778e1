import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { LIMITS } from '@satchel/protocol'
import type { Command, Decision } from '../../src/domain/index.ts'
import { arbitraryStory } from './arbitrary-commands.ts'
import { commandOf, ConversationRun, groupOf, idOf, keyOf, userOf } from './conversation-run.ts'

const RUNS = { numRuns: 300, includeErrorInReport: true }

const arbitraryDelivery = fc.record({
  author: fc.constantFrom('ann', 'bob'),
  outbox: fc.constantFrom(1, 1, 1, 2),
  counter: fc.integer({ min: 1, max: 40 }),
})

test('a command is applied at most once, however often and in whatever order it is delivered', () => {
  const deliveries = fc.array(arbitraryDelivery, { maxLength: 200, size: 'max' })
  fc.assert(
    fc.property(deliveries, (deliveries) => {
      const run = groupOf('ann', 'bob')
      const first = new Map<string, Decision>()
      for (const { author, outbox, counter } of deliveries) {
        const text = `${author}/${outbox}/${counter}`
        const decision = run.ask(
          author,
          { kind: 'send_message', text },
          { key: keyOf(outbox, counter) },
        )
        const before = first.get(text)
        if (before === undefined) first.set(text, decision)
        else assert.deepEqual(decision.events, [])
        if (decision.repeated) assert.deepEqual(decision.answer, before?.answer)
      }
      const texts = run.events.flatMap((event) => textOf(event) ?? [])
      assert.equal(new Set(texts).size, texts.length)
    }),
    RUNS,
  )
})

test('what was refused to somebody removed stays refused when they are added again', () => {
  const run = groupOf('ann', 'bob')
  run.ask('bob', { kind: 'send_message', text: 'here' }, { key: keyOf(2, 1) })
  run.ask('ann', { kind: 'remove_member', userId: userOf('bob') })
  const late = { kind: 'send_message', text: 'still here?' } as const
  const refused = run.ask('bob', late, { key: keyOf(2, 2) })
  assert.equal(codeOf(refused), 'not_a_member')
  run.ask('ann', { kind: 'add_members', userIds: [userOf('bob')] })
  const again = run.ask('bob', late, { key: keyOf(2, 2) })
  assert.deepEqual([again.repeated, again.answer], [true, refused.answer])
})

test('within the latest 16 counters of an outbox a repeated command gets its first answer, below them that or too_late', () => {
  const counters = fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 200, size: 'max' })
  fc.assert(
    fc.property(counters, (counters) => {
      const run = groupOf('ann')
      const applied = new Map<number, Decision['answer']>()
      let highest = 0
      for (const counter of counters) {
        const content = { kind: 'send_message', text: 'hi' } as const
        const decision = run.ask('ann', content, { key: keyOf(2, counter) })
        const known = applied.get(counter)
        if (decision.repeated) assert.deepEqual(decision.answer, known)
        else if (counter <= highest - LIMITS.answersPerOutbox)
          assert.deepEqual(codeOf(decision), 'too_late')
        else {
          assert.equal(known, undefined, 'applied again')
          assert.equal(decision.answer.kind, 'applied')
          applied.set(counter, decision.answer)
          highest = Math.max(highest, counter)
        }
      }
    }),
    RUNS,
  )
})

test('what one client sends is applied in the order it was sent, however often it reconnects', () => {
  // A new connection resends everything unanswered, in order; gateways of old connections may still be
  // appending what they were given, each in its own order, and nobody hears their answers.
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.constant('send' as const) },
    { weight: 4, arbitrary: fc.nat(4) },
    { weight: 1, arbitrary: fc.constant('reconnect' as const) },
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200, size: 'max' }), (steps) => {
      const run = groupOf('ann')
      const unanswered = new Set<number>()
      let connections: number[][] = [[]]
      let counter = 0
      for (const step of steps) {
        if (step === 'reconnect') connections = [[...unanswered], ...connections]
        else if (step === 'send') {
          if (counter >= Math.min(...unanswered) + LIMITS.answersPerOutbox - 1) continue
          unanswered.add(++counter)
          connections[0]?.push(counter)
        } else {
          const delivered = connections[step]?.shift()
          if (delivered === undefined) continue
          const content = { kind: 'send_message', text: String(delivered) } as const
          run.ask('ann', content, { key: keyOf(2, delivered) })
          if (step === 0) unanswered.delete(delivered)
        }
      }
      const order = run.events.flatMap((event) => textOf(event) ?? []).map(Number)
      assert.deepEqual(
        order,
        order.map((_, index) => index + 1),
      )
    }),
    RUNS,
  )
})

test('a repeated command changes nothing at all, not even when its outbox was last used', () => {
  fc.assert(
    fc.property(arbitraryStory(), ({ id, commands }) => {
      const run = new ConversationRun(id)
      for (const { command, timeMs } of commands) {
        const isMember = run.state?.members.has(command.authorId) === true
        const first = run.apply(command, timeMs)
        if (!mustBeRemembered(command, first, isMember)) continue
        const again = run.apply(command, timeMs + 1_000)
        assert.equal(again.repeated, true)
        assert.deepEqual(again.answer, first.answer)
        assert.deepEqual([again.rows, again.events, again.jobs, again.reactions], [[], [], [], []])
      }
    }),
    RUNS,
  )
})

test('the same key with another content is refused and changes nothing', () => {
  fc.assert(
    fc.property(arbitraryStory(), fc.string(), ({ id, commands }, text) => {
      const run = new ConversationRun(id)
      for (const { command, timeMs } of commands) {
        const isMember = run.state?.members.has(command.authorId) === true
        const first = run.apply(command, timeMs)
        const { authorId, key } = command
        const other = commandOf(id, authorId, key, { kind: 'send_message', text: `other ${text}` })
        if (first.repeated || other.contentHash === command.contentHash) continue
        if (!mustBeRemembered(command, first, isMember)) continue
        const conflict = run.apply(other, timeMs)
        assert.equal(codeOf(conflict), 'outbox_conflict')
        assert.deepEqual(conflict.rows, [])
      }
    }),
    RUNS,
  )
})

test('a client that starts over with a new outbox begins at any counter', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: LIMITS.outboxCounterMax }), (counter) => {
      const run = new ConversationRun(idOf('group'))
      const content = { kind: 'create_conversation', conversationKind: 'group' } as const
      assert.equal(run.refusal('ann', content, { key: keyOf(1, counter) }), undefined)
    }),
  )
})

/** Whether a repetition has to be recognised: what applied is, and what members were refused. */
function mustBeRemembered({ key }: Command, decision: Decision, isMember: boolean): boolean {
  const code = codeOf(decision)
  if (key.kind === 'none' || code === 'outbox_conflict' || code === 'too_late') return false
  return isMember || code === undefined
}

function codeOf({ answer }: Decision): string | undefined {
  return answer.kind === 'rejected' ? answer.code : undefined
}

function textOf({ content }: { readonly content: Decision['events'][number]['content'] }) {
  return content.kind === 'message_sent' ? content.body.text : undefined
}
