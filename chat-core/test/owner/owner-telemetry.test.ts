import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ChatError, newConversationId } from '@satchel/protocol'
import { createOwnerTelemetry } from '../../src/owner/owner-telemetry.ts'
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
