import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { findImportCycles } from '../lint/import-cycles.mjs'

async function findCyclesAmong(
  context: TestContext,
  sources: Readonly<Record<string, string>>,
): Promise<readonly (readonly string[])[]> {
  const folder = await mkdtemp(join(tmpdir(), 'satchel-cycles-'))
  context.after(() => rm(folder, { recursive: true }))
  const files = Object.keys(sources).map((name) => join(folder, name))
  for (const file of files) await writeFile(file, sources[basename(file)] ?? '')
  return findImportCycles(files).map((cycle) => cycle.map((file) => basename(file)))
}

test('files that import each other in a circle are found, types and re-exports included', async (t) => {
  const cycles = await findCyclesAmong(t, {
    'a.ts': "import { b } from './b.ts'",
    'b.ts': "export * from './c.ts'",
    'c.ts': "import type { A } from './a.ts'",
    'd.ts': "import { a } from './a.ts'",
  })
  assert.deepEqual(cycles, [['a.ts', 'b.ts', 'c.ts']])
})

test('two ways to the same file are no circle', async (t) => {
  const cycles = await findCyclesAmong(t, {
    'a.ts': "import './b.ts'\nimport './c.ts'",
    'b.ts': "import './d.ts'",
    'c.ts': "import './d.ts'",
    'd.ts': '',
  })
  assert.deepEqual(cycles, [])
})
