import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { openLoadTarget, type LoadTarget } from '../src/load/load-target.ts'
import type { LoadRow, LoadRun } from '../src/load/scenario.ts'
import { SCENARIOS } from '../src/load/scenarios.ts'
import { runConcurrentUploads } from '../src/uploads/run-concurrent-uploads.ts'

/** One process of ours for all of them. */
let target: LoadTarget | undefined
let folder = ''

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'satchel-scenario-'))
  target = await openLoadTarget({
    node: process.execPath,
    environment: process.env,
    folder,
    isDistributed: false,
    tell: () => undefined,
  })
})

after(async () => {
  await target?.close()
  await rm(folder, { recursive: true, force: true })
})

/** A tiny run. */
function runScenario(
  name: string,
  size: Pick<LoadRun, 'users' | 'perSecond' | 'seconds'>,
): Promise<readonly LoadRow[]> {
  const scenario = SCENARIOS[name]
  assert.ok(scenario !== undefined, `there is no scenario ${name}`)
  assert.ok(target !== undefined)
  return scenario.run({ target, ...size, processes: 2, isShort: true, tell: () => undefined })
}

test('steady groups: everybody gets everything, from two processes of the generator', async () => {
  const size = { users: 40, perSecond: 100, seconds: 1 }
  const [row] = await runScenario('groups', size)
  assert.equal(row?.values['sent'], 100)
  assert.equal(row.values['delivered'], '1000/1000')
  assert.equal(row.values['failures'], 0)
})

test('a storm: all who were cut are back, at once and with jitter', async () => {
  const size = { users: 40, perSecond: 0, seconds: 0.1 }
  const [idle, naive, jittered] = await runScenario('storm', size)
  assert.equal(idle?.values['sockets'], 40)
  assert.equal(naive?.values['resumed'], '40/40')
  assert.equal(jittered?.values['resumed'], '40/40')
})

test('uploads: begun and given up, and with their bytes to the end', async () => {
  const size = { users: 10, perSecond: 40, seconds: 1 }
  const [control, files] = await runScenario('uploads', size)
  assert.equal(control?.values['uploads'], 40)
  assert.equal(control.values['failures'], 0)
  assert.equal(files?.values['uploads'], 4)
  assert.equal(files.values['failures'], 0)
})

test('history: every page that was due is read', async () => {
  const size = { users: 20, perSecond: 100, seconds: 1 }
  const [row] = await runScenario('history', size)
  assert.equal(row?.values['pages'], 100)
  assert.equal(row.values['failures'], 0)
})

test('a day: people come, go, talk and show pictures, and nothing of it fails', async () => {
  const size = { users: 20, perSecond: 60, seconds: 2 }
  const rows = await runScenario('day', size)
  const row = (what: string) => rows.find((one) => one.what === what)
  assert.equal(
    row('failures')?.values['failures'],
    0,
    String(row('failures')?.values['firstFailure']),
  )
  assert.equal(row('failures')?.values['unfinished'], 0)
  assert.ok(Number(row('chat')?.values['times']) > 0)
  assert.ok(Number(row('delivery')?.values['times']) > Number(row('chat')?.values['times']))
  assert.ok(Number(row('satchel heapMb')?.values['last']) > 0)
  assert.ok(row('store folderMb') !== undefined)
})

test('uploads at once: all are open, some are brought and some given up', async () => {
  assert.ok(target !== undefined)
  const rows = await runConcurrentUploads({
    ports: target.ports,
    tokenSecret: target.tokenSecret,
    servers: () => target?.servers() ?? [],
    countAttachments: undefined,
    ...{ sessions: 80, perSecond: 200, moving: 4, holdSeconds: 1, idleSeconds: undefined },
    tell: () => undefined,
  })
  const valuesOf = (name: string) => rows.find(({ what }) => what === name)?.values
  assert.equal(valuesOf('begin')?.['failures'], 0)
  const open = valuesOf('open at once')
  assert.equal(open?.['saidUploading'], open?.['asked'])
  assert.equal(valuesOf('complete')?.['completed'], 8)
  assert.equal(valuesOf('give up')?.['done'], 8)
})
