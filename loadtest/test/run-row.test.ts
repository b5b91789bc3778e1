import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { BenchRecorder } from '../src/bench/bench-recorder.ts'
import type { BenchTarget } from '../src/bench/bench-target.ts'
import { createCentrifugo, createCentrifugoRedis } from '../src/bench/create-centrifugo.ts'
import {
  createBareRelay,
  createSatchel,
  createSocketIo,
  type TargetsOptions,
} from '../src/bench/create-targets.ts'
import { runRow } from '../src/bench/run-row.ts'
import { findOptionalProgram } from '../src/find-optional-program.ts'

const USERS = 12
const workload = { groupSize: 4, messagesPerSecond: 100, seconds: 1, warmUpSeconds: 0.1 }

async function runAgainst(
  t: TestContext,
  create: (options: TargetsOptions, row: string) => Promise<BenchTarget>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'satchel-row-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const options = {
    node: process.execPath,
    environment: process.env,
    folder,
    profile: false,
    tell: () => undefined,
  }
  const target = await create(options, 'test')
  t.after(() => target.servers.stop())
  await target.servers.start()
  const recorder = new BenchRecorder()
  const connections = await Promise.all(
    Array.from({ length: USERS }, (_, user) => target.connect(user, recorder.listener)),
  )
  const result = await runRow(target, connections, recorder, workload)
  for (const connection of connections) connection.close()
  assert.equal(result.sent, 100)
  assert.equal(result.acknowledged, 100)
  assert.equal(result.expected, 400)
  assert.equal(result.delivered, 400)
  assert.equal(result.failures, 0, recorder.firstFailure)
  assert.ok(result.latencyMs.max > 0)
}

test('every message to the Socket.IO relay is answered and reaches its whole group', (t) =>
  runAgainst(t, createSocketIo))

test('every message to the bare relay is answered and reaches its whole group', (t) =>
  runAgainst(t, createBareRelay))

test('every message to Satchel is answered and reaches its whole group', (t) =>
  runAgainst(t, createSatchel))

test('every message to Centrifugo is answered and reaches its whole group', async (t) => {
  const given = process.env['SATCHEL_CENTRIFUGO']
  const centrifugo = findOptionalProgram('centrifugo', given, process.env['PATH'])
  if (centrifugo === undefined) {
    t.skip('Centrifugo is neither on the search path nor at SATCHEL_CENTRIFUGO')
    return
  }
  await runAgainst(t, createCentrifugo(centrifugo))
  await runAgainst(t, createCentrifugoRedis(centrifugo))
})
