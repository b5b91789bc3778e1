import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { openLoadTarget } from '../src/load/load-target.ts'
import type { LoadRow, LoadRun } from '../src/load/scenario.ts'
import { SCENARIOS } from '../src/load/scenarios.ts'

/** A tiny run against one process of ours. */
async function runScenario(
  t: TestContext,
  name: string,
  size: Pick<LoadRun, 'users' | 'perSecond' | 'seconds'>,
): Promise<readonly LoadRow[]> {
  const folder = await mkdtemp(join(tmpdir(), 'satchel-scenario-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const target = await openLoadTarget({
    node: process.execPath,
    environment: process.env,
    folder,
    isDistributed: false,
    tell: () => undefined,
  })
  t.after(() => target.close())
  const scenario = SCENARIOS[name]
  assert.ok(scenario !== undefined, `there is no scenario ${name}`)
  return scenario.run({ target, ...size, processes: 2, isShort: true, tell: () => undefined })
}

test('steady groups: everybody gets everything, from two processes of the generator', async (t) => {
  const size = { users: 40, perSecond: 100, seconds: 1 }
  const [row] = await runScenario(t, 'groups', size)
  assert.equal(row?.values['sent'], 100)
  assert.equal(row.values['delivered'], '1000/1000')
  assert.equal(row.values['failures'], 0)
})

test('a storm: all who were cut are back, at once and with jitter', async (t) => {
  const size = { users: 40, perSecond: 0, seconds: 0.1 }
  const [idle, naive, jittered] = await runScenario(t, 'storm', size)
  assert.equal(idle?.values['sockets'], 40)
  assert.equal(naive?.values['resumed'], '40/40')
  assert.equal(jittered?.values['resumed'], '40/40')
})
