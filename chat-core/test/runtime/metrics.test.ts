import assert from 'node:assert/strict'
import { test } from 'node:test'
import product from '../../../package.json' with { type: 'json' }
import { createMetrics } from '../../src/runtime/metrics.ts'

test('counters, gauges and histograms are rendered as Prometheus reads them', async () => {
  const metrics = createMetrics({ processMetrics: false })
  const plain = metrics.counter({ name: 'satchel_plain_total', help: 'Plain.' })
  const labelled = metrics.counter({ name: 'satchel_by_code_total', help: 'C.', labels: ['code'] })
  const seconds = metrics.histogram({
    name: 'satchel_seconds',
    help: 'Time.',
    labels: ['request'],
    buckets: [0.1, 1],
  })
  labelled.expect([{ code: 'expected' }, { code: 'retry' }])
  let total = 10
  metrics.total({ name: 'satchel_elsewhere_total', help: 'Kept elsewhere.' }, () => total)
  metrics.plays('gateway')
  metrics.gauge({ name: 'satchel_now', help: 'Now.' }, () => 7)
  plain.add(2)
  plain.add(1)
  labelled.add(1, { code: 'retry' })
  const often = labelled.with({ code: 'full' })
  for (let count = 0; count < 5; count++) often.add(3)
  labelled.with({ code: 'never' })
  for (const value of [0.05, 0.1, 0.5, 3]) seconds.observe(value, { request: 'history' })

  const { text } = await metrics.render()
  const lines = text.split('\n')
  for (const line of [
    'satchel_plain_total 3',
    'satchel_by_code_total{code="retry"} 1',
    'satchel_by_code_total{code="full"} 15',
    'satchel_by_code_total{code="never"} 0',
    'satchel_by_code_total{code="expected"} 0',
    '# TYPE satchel_elsewhere_total counter',
    'satchel_elsewhere_total 10',
    `satchel_build_info{version="${product.version}",role="gateway"} 1`,
    'satchel_now 7',
    '# TYPE satchel_seconds histogram',
    'satchel_seconds_bucket{request="history",le="0.1"} 2',
    'satchel_seconds_bucket{request="history",le="1"} 3',
    'satchel_seconds_bucket{request="history",le="+Inf"} 4',
    'satchel_seconds_sum{request="history"} 3.65',
    'satchel_seconds_count{request="history"} 4',
  ]) {
    assert.ok(lines.includes(line), `${line}\nis missing in\n${text}`)
  }
  total = 12
  // Looking twice counts nothing twice.
  const again = await metrics.render()
  assert.match(again.text, /^satchel_plain_total 3$/m)
  assert.match(again.text, /^satchel_by_code_total\{code="full"\} 15$/m)
  assert.match(again.text, /^satchel_elsewhere_total 12$/m)
})
