import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { BenchRecorder } from '../src/bench/bench-recorder.ts'
import type { BenchTarget } from '../src/bench/bench-target.ts'
import {
  createBareRelay,
  createSatchel,
  createSocketIo,
  type TargetsOptions,
} from '../src/bench/create-targets.ts'
import { runRow } from '../src/bench/run-row.ts'

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
