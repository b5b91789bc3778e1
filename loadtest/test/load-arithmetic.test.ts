import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dividePeople } from '../src/load/divide-people.ts'
import { judgeGrowth } from '../src/load/judge-growth.ts'
import { loadTable } from '../src/load/load-table.ts'
import { Latencies } from '../src/latencies.ts'
import { runOpenLoop } from '../src/open-loop.ts'

test('latencies of several processes together are those of one that had seen them all', () => {
  const [one, other, all] = [new Latencies(), new Latencies(), new Latencies()]
  for (let ms = 1; ms <= 1_000; ms++) {
    const half = ms % 3 === 0 ? one : other
    half.record(ms)
    all.record(ms)
  }
  const merged = Latencies.merged([one.toText(), other.toText(), new Latencies().toText()])
  assert.equal(merged.count, 1_000)
  const { max, ...parts } = merged.summary()
  assert.deepEqual(parts, { p50: all.at(0.5), p99: all.at(0.99), p999: all.at(0.999) })
  assert.ok(Math.abs(max - 1_000) < 1, String(max))
  assert.ok(Math.abs(merged.at(0.5) - 500) <= 1, String(merged.at(0.5)))
  assert.ok(Math.abs(merged.at(0.99) - 990) <= 1, String(merged.at(0.99)))
})

test('an open loop does everything that was due, in order, at the time it was due', async () => {
  const due: number[] = []
  const total = await runOpenLoop(200, 0.1, (index, intendedMs) => {
    assert.equal(index, due.length)
    assert.ok(intendedMs <= performance.now())
    due.push(intendedMs)
  })
  assert.equal(total, 20)
  assert.equal(due.length, 20)
  const gaps = due.slice(1).map((ms, index) => Math.round(ms - (due[index] ?? 0)))
  assert.deepEqual([...new Set(gaps)], [5])
})

test('an open loop that was held up catches up, and counts from when things were due', async () => {
  const lateMs: number[] = []
  const busyUntilMs = performance.now() + 60
  await runOpenLoop(100, 0.05, (index, intendedMs) => {
    while (index === 0 && performance.now() < busyUntilMs);
    lateMs.push(performance.now() - intendedMs)
  })
  assert.equal(lateMs.length, 5)
  assert.ok((lateMs[1] ?? 0) > 30, `the second was ${lateMs[1]} ms late`)
})

test('people are divided evenly, everybody once, no group torn, no process with too many', () => {
  const shared = { ports: [1], tokenSecret: '' }
  const shares = dividePeople({ users: 50_005, processes: 2, groupSize: 10, ...shared })
  assert.equal(shares.length, 3)
  let next = 0
  for (const { firstUser, users } of shares) {
    assert.equal(firstUser, next)
    assert.equal(firstUser % 10, 0)
    assert.ok(users <= 17_000)
    next += users
  }
  assert.equal(next, 50_005)
  assert.equal(dividePeople({ users: 3, processes: 8, ...shared }).length, 3)
})

test('rows with the same values share a heading', () => {
  const table = loadTable([
    { what: 'one', values: { sent: 1, p99Ms: 2.5 } },
    { what: 'two', values: { sent: 3, p99Ms: 4 } },
    { what: 'three', values: { pid: 7 } },
  ])
  const lines = table.trimEnd().split('\n')
  assert.equal(lines.filter((line) => line.includes('p99Ms')).length, 1)
  assert.match(lines[2] ?? '', /^one .* 1 .* 2\.5$/)
  assert.match(lines[6] ?? '', /^three .* 7$/)
})

test('what swings about the same height is flat, what climbs is not, and its warm-up does not count', () => {
  const swinging = Array.from({ length: 40 }, (_, look) => 200 + (look % 7) * 5)
  assert.equal(judgeGrowth(swinging, 0).isFlat, true)
  const climbing = Array.from({ length: 40 }, (_, look) => 200 + look)
  const { isFlat, grewBy } = judgeGrowth(climbing, 0)
  assert.equal(isFlat, false)
  assert.equal(grewBy, 20)
  const warmingUp = climbing.map((value, look) => (look < 10 ? value : 210))
  assert.equal(judgeGrowth(warmingUp, 0).isFlat, true)
  const few = Array.from({ length: 40 }, (_, look) => (look < 20 ? 12 : 15))
  assert.equal(judgeGrowth(few, 6).isFlat, true)
  assert.equal(judgeGrowth(few, 0).isFlat, false)
})
