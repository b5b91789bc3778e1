import assert from 'node:assert/strict'
import { test } from 'node:test'
import { countOwnership, createOwnershipTelemetry } from '@satchel/chat-core'
import { countNatsBytes, createBackendTelemetry } from '@satchel/chat-core/backends'
import { SETTINGS, createLog, createMetrics } from '@satchel/chat-core/runtime'
import { createWorkerTelemetry } from '@satchel/media-worker'
import { createAuditTelemetry } from '../src/audit/audit-telemetry.ts'
import { countGateway } from '../src/gateway-gauges.ts'
import { createGatewayTelemetry } from '../src/gateway-telemetry.ts'
import { createTraffic } from '../src/traffic.ts'
import { tableRows } from './operations-document.ts'

/** Everything that processes of all kinds count. */
function allMetrics(): readonly { readonly name: string; readonly help: string }[] {
  const metrics = createMetrics({ processMetrics: false })
  const log = createLog({ logLevel: 'silent' }, { write: () => undefined })
  createAuditTelemetry(log, metrics)
  createGatewayTelemetry(log, metrics)
  createOwnershipTelemetry(log, metrics)
  countOwnership(metrics, { partitionsOwned: 0 }, 1)
  createWorkerTelemetry(log, metrics)
  createTraffic(metrics)
  createBackendTelemetry(log, metrics)
  countNatsBytes(metrics, { stats: () => ({ inBytes: 0, outBytes: 0 }) })
  const nothing = { size: 0 }
  countGateway(metrics, {
    openConnections: nothing,
    sessions: nothing,
    unauthenticated: nothing,
    audiences: nothing,
    flusher: { waitingBytes: 0, heldCount: 0, lagging: nothing },
    outOfReach: nothing,
    submitter: { unanswered: 0 },
    bus: { connected: true },
  })
  return metrics.describe()
}

test('OPERATIONS.md lists every setting as it is, and no other', async () => {
  const expected = Object.values(SETTINGS).map(({ variable, otherwise, meaning }) => [
    `\`${variable}\``,
    otherwise,
    meaning,
  ])
  assert.deepEqual((await tableRows('Settings')).toSorted(), expected.toSorted())
})

test('OPERATIONS.md lists every metric as it is, and no other', async () => {
  const expected = allMetrics().map(({ name, help }) => [`\`${name}\``, help])
  assert.deepEqual((await tableRows('Metrics')).toSorted(), expected.toSorted())
})

test('every alarm watches metrics that exist', async () => {
  const known = new Set(allMetrics().map(({ name }) => name))
  const alarms = await tableRows('Alarms')
  assert.ok(alarms.length > 5)
  for (const [condition = ''] of alarms) {
    const watched = condition.match(/satchel_\w+/g) ?? []
    assert.ok(watched.length > 0 || condition.includes('nodejs_'), condition)
    for (const name of watched) assert.ok(known.has(name.replace(/_(count|sum|bucket)$/, '')), name)
  }
})
