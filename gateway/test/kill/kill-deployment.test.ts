import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { openDistributedTarget } from '../../../loadtest/src/chaos/open-distributed-target.ts'
import { runChaos } from '../../../loadtest/src/chaos/run-chaos.ts'
import { requireServices } from '../../../scripts/services/require-services.mjs'
import { SERVICE_NAMES } from '../../../scripts/services/service-names.mjs'

// The long form is `npm run chaos -- --distributed --minutes 10`; a failure here is replayed with its `--seed`.
const DURATION_MS = 25_000
const STRIKES = ['kill-gateway', 'kill-chat-core', 'restart-chat-core', 'kill-redis']

test('gateways, owners and Redis killed under load lose, double, reorder and skip nothing', async (t) => {
  if (!(await requireServices(t, SERVICE_NAMES))) return
  const seed = Math.floor(Math.random() * 1_000_000)
  const folder = await mkdtemp(join(tmpdir(), 'satchel-kill-'))
  t.diagnostic(`seed ${seed}, journals in ${folder}`)
  const tell = (line: string): void => t.diagnostic(line)
  const target = await openDistributedTarget({ folder, natsServers: 1, strikes: STRIKES, tell })
  t.after(() => target.close())
  const { report, strikes } = await runChaos({
    seed,
    durationMs: DURATION_MS,
    rhythm: { leastMs: 4_000, mostMs: 7_000, leastForMs: 0, mostForMs: 1_000 },
    commandsPerSecond: 30,
    users: 12,
    groups: 6,
    target,
    folder,
    tell,
  })
  assert.ok(strikes.length >= 3, 'processes were hurt')
  assert.deepEqual(report.descriptions, [])
  assert.equal(report.unknown, 0)
  assert.ok(report.acknowledged > 100, `only ${report.acknowledged} commands were acknowledged`)
  await target.close()
  await rm(folder, { recursive: true })
})
