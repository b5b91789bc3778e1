import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createBackendTelemetry } from '../../src/backends/backend-telemetry.ts'
import { createLog, createMetrics } from '../../src/runtime/index.ts'

type Line = Readonly<Record<string, string | number | undefined>>

function open() {
  const lines: Line[] = []
  const write = (line: string) => void lines.push(JSON.parse(line) as Line)
  const log = createLog({ logLevel: 'info' }, { write })
  const metrics = createMetrics({ processMetrics: false })
  const time = { nowMs: 0 }
  const telemetry = createBackendTelemetry(log, metrics, { elapsedMs: () => time.nowMs })
  const told = () =>
    lines.map(({ msg, server, address, code, cause, unsaid }) =>
      [msg, server, address, code, cause, unsaid].filter((fact) => fact !== undefined).join(' '),
    )
  return { telemetry, metrics, time, told }
}

test('a server that stays away is told of at first and then once a minute, with where and why', () => {
  const { telemetry, time, told } = open()
  const cause = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
  for (let attempt = 0; attempt < 61; attempt++) {
    telemetry.breaker('redis', 'open', { address: 'redis:6379', cause })
    telemetry.breaker('redis', 'half_open')
    time.nowMs += 1_000
  }
  telemetry.breaker('redis', 'closed')
  telemetry.breaker('redis', 'closed')
  telemetry.breaker('redis', 'open', { address: 'redis:6379', cause: 'gone' })
  assert.deepEqual(told(), [
    'server out of reach redis redis:6379 ECONNREFUSED connect ECONNREFUSED 0',
    'server out of reach redis redis:6379 ECONNREFUSED connect ECONNREFUSED 59',
    'server within reach redis',
    'server out of reach redis redis:6379 gone 0',
  ])
})

test('where only calls have failed, the last of them says why', () => {
  const { telemetry, told } = open()
  telemetry.failed('cassandra', 'NoHostAvailable')
  telemetry.breaker('cassandra', 'open')
  assert.deepEqual(told(), ['server out of reach cassandra NoHostAvailable 0'])
})

test('of several addresses of which none answered, the first says why', () => {
  const { telemetry, told } = open()
  const refused = Object.assign(new Error('connect ECONNREFUSED ::1:1'), { code: 'ECONNREFUSED' })
  telemetry.breaker('redis', 'open', { cause: new AggregateError([refused]) })
  assert.deepEqual(told(), ['server out of reach redis ECONNREFUSED connect ECONNREFUSED ::1:1 0'])
})

test('what may be lost on the bus is counted from 0', async () => {
  const { telemetry, metrics } = open()
  telemetry.lost(2, 'slow')
  const { text } = await metrics.render()
  assert.match(text, /^satchel_bus_messages_lost_total\{reason="slow"\} 2$/m)
  assert.match(text, /^satchel_bus_messages_lost_total\{reason="refused"\} 0$/m)
})
