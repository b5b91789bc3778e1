import assert from 'node:assert/strict'
import { test } from 'node:test'
import { budgetTable } from '../src/bench/budgets/budget-table.ts'
import { embeddedBudgets } from '../src/bench/budgets/embedded-budgets.ts'
import { ownerBudgets } from '../src/bench/budgets/owner-budgets.ts'
import { partsPerMessage } from '../src/bench/cpu-parts.ts'
import type { RowResult } from '../src/bench/run-row.ts'
import { StallWatch } from '../src/bench/owner/stall-watch.ts'

const row: RowResult = {
  ...{ target: 'Satchel', sent: 10, acknowledged: 10, delivered: 100, expected: 100, failures: 0 },
  ...{
    cpuMicrosPerMessage: 60,
    cpuMicrosPerDelivery: 6,
    cpuParts: { 'main thread': 50, other: 10 },
  },
  latencyMs: { p50: 1, p99: 4, p999: 5, max: 6 },
  load: { server: 0.2, generator: 0.3, others: 1.1 },
}
const relay: RowResult = {
  ...row,
  target: 'Socket.IO',
  cpuMicrosPerMessage: 80,
  cpuMicrosPerDelivery: 8,
}
const result = {
  rows: {
    'groups of 10, 3000/s': [row, relay],
    'groups of 250, 100/s': [row, relay],
    'groups of 10, 1000/s': [row],
  },
  idle: [],
  disk: [{ p50: 0.5, p99: 2 }],
}

test('every budget has its bar, its figure and whether it is met; one that misses says why', () => {
  const [perMessage, perDelivery, latency, idle] = embeddedBudgets(result)
  assert.equal(perMessage?.isMet, true)
  assert.equal(perMessage.reason, undefined)
  assert.equal(perDelivery?.isMet, false)
  assert.match(perDelivery.figure ?? '', /^0\.75 ×/)
  assert.match(perDelivery.reason ?? '', /main thread 50, other 10; .* 1\.1 of a processor/)
  assert.equal(latency?.isMet, true)
  assert.equal(idle?.isMet, undefined)
})

test('a table has every row, those that were not measured as well, and reasons below what misses', () => {
  const lines = budgetTable(embeddedBudgets(result)).trimEnd().split('\n')
  assert.equal(lines.filter((line) => line.endsWith(' met')).length, 2)
  assert.equal(lines.filter((line) => line.endsWith(' MISSED')).length, 1)
  assert.equal(lines.filter((line) => line.endsWith(' not measured')).length, 1)
  const missed = lines.findIndex((line) => line.endsWith(' MISSED'))
  assert.match(lines[missed + 1] ?? '', /^ {4}because: /)
})

test('a message that never came is a stall without an end', () => {
  const result = {
    ...{ calmMs: 40, killedMs: Number.POSITIVE_INFINITY, killedConversations: 3 },
    ...{ othersMs: 70, otherConversations: 4, handedOverMs: 150 },
  }
  const verdicts = ownerBudgets(result, '').map(({ isMet }) => isMet)
  assert.deepEqual(verdicts, [false, true, true])
})

test('where processor time went is told for each message, the most first', () => {
  const before = new Map([['a', 100]])
  const after = new Map([
    ['a', 110],
    ['b', 50],
    ['c', 0],
  ])
  const parts = partsPerMessage(before, after, 1_000)
  assert.deepEqual(Object.entries(parts), [
    ['b', 50],
    ['a', 10],
  ])
})

test('the longest a message took is known for each conversation, and which did not come', async () => {
  const watch = new StallWatch(2, 1)
  const connections = [0, 1].map((group) => ({
    send: (_: number, text: string) => {
      setTimeout(() => watch.listener.delivered(text), group * 60)
    },
    close: () => undefined,
  }))
  const { longestMs } = await watch.during(connections, { perSecond: 100, seconds: 0.1 })
  assert.equal(longestMs.length, 2)
  assert.ok((longestMs[1] ?? 0) >= 55, String(longestMs[1]))
  assert.ok((longestMs[0] ?? 0) < (longestMs[1] ?? 0), longestMs.join(', '))
})
