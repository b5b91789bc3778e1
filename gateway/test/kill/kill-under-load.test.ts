import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { freePort } from '../../../loadtest/src/free-port.ts'
import { runChaos } from '../../../loadtest/src/chaos/run-chaos.ts'
import {
  createSatchelServer,
  SERVER_KEY,
  TOKEN_SECRET,
} from '../../../loadtest/src/chaos/satchel-server.ts'

// The long form is `npm run chaos -- --minutes 2`; a failure here is replayed with its `--seed`.
const DURATION_MS = 18_000

test('a server killed again and again under load loses, doubles, reorders and skips nothing', async (t) => {
  const seed = Math.floor(Math.random() * 1_000_000)
  const folder = await mkdtemp(join(tmpdir(), 'satchel-kill-'))
  const port = await freePort()
  const server = await createSatchelServer({
    node: process.execPath,
    environment: process.env,
    port,
    folder,
  })
  t.diagnostic(`seed ${seed}, journals in ${folder}`)
  await server.start()
  t.after(() => server.kill('SIGTERM'))
  const { report, kills } = await runChaos({
    seed,
    durationMs: DURATION_MS,
    rhythm: { leastMs: 2_000, mostMs: 4_500 },
    commandsPerSecond: 250,
    users: 16,
    groups: 10,
    server,
    port,
    tokenSecret: TOKEN_SECRET,
    serverKey: SERVER_KEY,
    folder,
    tell: (line) => t.diagnostic(line),
  })
  assert.ok(kills.length >= 3, 'the server was killed')
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
