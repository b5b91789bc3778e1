import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ChatError, newConversationId } from '@satchel/protocol'
import { createOwnerTelemetry } from '../../src/owner/owner-telemetry.ts'
import { createOwnershipTelemetry } from '../../src/owner/ownership-telemetry.ts'
import { createLog } from '../../src/runtime/log.ts'
import { createMetrics } from '../../src/runtime/metrics.ts'

test('a store that stays away is told of ever less often, and counted each time', async () => {
  const lines: string[] = []
  const log = createLog({ logLevel: 'warn' }, { write: (line) => void lines.push(line) })
  const metrics = createMetrics({ processMetrics: false })
  const telemetry = createOwnerTelemetry(log, metrics)
  const id = newConversationId('group')
  const error = new ChatError('unavailable', 'cassandra is out of reach')
  for (let attempts = 1; attempts <= 1_000; attempts++) telemetry.storeFailed(id, attempts, error)
  assert.equal(lines.length, 10)
  assert.match(lines.at(-1) ?? '', /"attempts":512,.*cassandra is out of reach/)
  assert.match(
    (await metrics.render()).text,
    /^satchel_commits_retried_total\{code="unavailable"\} 1000$/m,
  )
})

test('what befalls every partition while NATS is away is told of once, and counted each time', async () => {
  const lines: string[] = []
  const log = createLog({ logLevel: 'warn' }, { write: (line) => void lines.push(line) })
  const metrics = createMetrics({ processMetrics: false })
  const telemetry = createOwnershipTelemetry(log, metrics, { elapsedMs: () => 0 })
  const error = new ChatError('unavailable', 'NATS could not be asked')
  for (let partition = 0; partition < 64; partition++) telemetry.claimFailed(partition, error)
  for (let beat = 0; beat < 30; beat++) telemetry.directoryFailed(error)
  assert.equal(lines.length, 2)
  const { text } = await metrics.render()
  assert.match(text, /^satchel_ownership_failures_total\{step="claim"\} 64$/m)
  assert.match(text, /^satchel_ownership_failures_total\{step="heartbeat"\} 30$/m)
})

test('what alarms watch is counted from 0, so that the first is seen to grow', async () => {
  const log = createLog({ logLevel: 'silent' }, { write: () => undefined })
  const metrics = createMetrics({ processMetrics: false })
  createOwnershipTelemetry(log, metrics)
  const { text } = await metrics.render()
  for (const series of [
    'satchel_commits_failed_total{code="storage_full"}',
    'satchel_commits_retried_total{code="unavailable"}',
    'satchel_partitions_refused_total{reason="log_ends_early"}',
    'satchel_ownership_failures_total{step="upkeep"}',
  ])
    assert.ok(text.includes(`\n${series} 0\n`), series)
})
