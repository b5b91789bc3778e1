import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ChatError } from '@satchel/protocol'
import type { RequestFrameOf } from '@satchel/protocol'
import type { Verdict } from './support/fake-server.ts'
import { createTestBench } from './support/test-bench.ts'

const verdict: fc.Arbitrary<Verdict> = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Verdict>({ kind: 'apply' }) },
  { weight: 2, arbitrary: fc.constant<Verdict>({ kind: 'lose' }) },
  { weight: 1, arbitrary: fc.constant<Verdict>({ kind: 'accept' }) },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom('retry', 'rate_limited', 'unavailable', 'storage_full', 'draining')
      .map<Verdict>((code) => ({ kind: 'refuse', error: new ChatError(code, 'not now') })),
  },
)

test('whatever a gateway does to commands, each is applied once, in the order sent', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(verdict, { maxLength: 60 }),
      fc.array(fc.integer({ min: 1, max: 120 }), { maxLength: 4 }),
      fc.integer({ min: 1, max: 40 }),
      async (verdicts, cuts, count) => {
        const { clock, network, server, group, client } = createTestBench()
        const { id, applied } = group(['alice', 'bob'])
        const queue = [...verdicts]
        const tooEarly: number[] = []
        server.judge = (frame: RequestFrameOf<'command'>) => {
          // What has not been applied cannot have had a final answer.
          const oldest = applied.length + 1
          if (frame.commandId.counter >= oldest + 16) tooEarly.push(frame.commandId.counter)
          return queue.shift() ?? { kind: 'apply' }
        }
        const alice = client('alice')
        await alice.connect()
        network.cuts = [...new Set(cuts)].sort((a, b) => a - b)
        const trip = alice.conversation(id)
        const sends = Array.from({ length: count }, (_, index) =>
          trip.send(`message ${String(index + 1)}`),
        )
        const sent = await clock.until(Promise.all(sends), 3_600_000)
        alice.close()
        assert.deepEqual(tooEarly, [])
        assert.deepEqual(
          applied.map((key) => Number(key.split('.')[1])),
          Array.from({ length: count }, (_, index) => index + 1),
        )
        assert.deepEqual(
          sent.map(({ seq }) => seq),
          sent.map((_, index) => index + 2),
        )
      },
    ),
    { numRuns: 150 },
  )
})
