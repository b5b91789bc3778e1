import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { openEmbeddedTarget } from '../../../loadtest/src/chaos/open-embedded-target.ts'
import { runChaos } from '../../../loadtest/src/chaos/run-chaos.ts'

// The long form is `npm run chaos -- --minutes 2`; a failure here is replayed with its `--seed`.
const DURATION_MS = 18_000

test('a server killed again and again under load loses, doubles, reorders and skips nothing', async (t) => {
  const seed = Math.floor(Math.random() * 1_000_000)
  const folder = await mkdtemp(join(tmpdir(), 'satchel-kill-'))
  t.diagnostic(`seed ${seed}, journals in ${folder}`)
  const environment = process.env
  const target = await openEmbeddedTarget({
    node: process.execPath,
    environment,
    folder,
    strikes: ['kill-server'],
  })
  t.after(() => target.close())
  const { report, strikes } = await runChaos({
    seed,
    durationMs: DURATION_MS,
    rhythm: { leastMs: 2_000, mostMs: 4_500, leastForMs: 0, mostForMs: 300 },
    commandsPerSecond: 250,
    users: 16,
    groups: 10,
    target,
    folder,
    tell: (line) => t.diagnostic(line),
  })
  assert.ok(strikes.length >= 3, 'the server was killed')
  assert.deepEqual(report.descriptions, [])
  const { lost, duplicated, resurrected, reordered, holes, diverged, regressed, leaked } = report
  assert.deepEqual(
    { lost, duplicated, resurrected, reordered, holes, diverged, regressed, leaked },
    {
      lost: 0,
      duplicated: 0,
      resurrected: 0,
      reordered: 0,
      holes: 0,
      diverged: 0,
      regressed: 0,
      leaked: 0,
    },
  )
  assert.equal(report.unknown, 0)
  assert.ok(report.acknowledged > 1_500, `only ${report.acknowledged} commands were acknowledged`)
  await rm(folder, { recursive: true })
})
