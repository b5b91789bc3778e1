import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { ESLint } from 'eslint'
import { repositoryRoot } from '../installation.mjs'

const ruleIds = new Set([
  'complexity',
  'max-lines',
  'max-lines-per-function',
  'no-console',
  'no-restricted-globals',
  'no-restricted-imports',
  'no-restricted-syntax',
  'satchel/declared-packages',
  'satchel/file-name',
  '@typescript-eslint/no-explicit-any',
])

const eslint = new ESLint({
  cwd: repositoryRoot,
  overrideConfig: { languageOptions: { parserOptions: { projectService: false } } },
  ruleFilter: ({ ruleId }) => ruleIds.has(ruleId),
})

async function lint(file: string, code: string): Promise<readonly (string | null)[]> {
  const [result] = await eslint.lintText(code, { filePath: join(repositoryRoot, file) })
  assert.ok(result, `${file} is not linted at all`)
  return result.messages.map(({ ruleId }) => ruleId)
}

test('only the start of a process looks at the process', async () => {
  const code = 'export const environment = process.env'
  assert.deepEqual(await lint('gateway/src/settings.ts', code), ['no-restricted-globals'])
  assert.deepEqual(await lint('gateway/src/settings.ts', "import 'node:process'"), [
    'no-restricted-imports',
  ])
  for (const file of ['gateway/src/main.ts', 'media-worker/src/sandbox/child-main.ts']) {
    assert.deepEqual(await lint(file, code), [])
  }
  assert.deepEqual(await lint('gateway/test/drain.test.ts', code), [])
})

test('only clocks ask what time it is', async () => {
  for (const code of ['Date.now()', 'new Date()', 'performance.now()']) {
    assert.deepEqual(await lint('chat-core/src/owner/commit.ts', code), ['no-restricted-syntax'])
    assert.deepEqual(await lint('chat-core/src/runtime/clock.ts', code), [])
  }
  assert.deepEqual(await lint('gateway/src/http/last-modified.ts', 'new Date(0)'), [])
})

test('the domain knows neither time nor chance nor waiting', async () => {
  const impure = [
    'new Date(0)',
    'Math.random()',
    'crypto.randomUUID()',
    'setTimeout(() => undefined)',
    'export async function decide() {}',
  ]
  for (const code of impure) {
    const found = await lint('chat-core/src/domain/decide.ts', code)
    assert.deepEqual(found, ['no-restricted-syntax'], code)
  }
})

test('no enum, no private keyword, no inheritance but from errors, no default export', async () => {
  const refused = [
    'export enum Kind { a }',
    'export class Box { private size = 1 }',
    'export class Box extends Crate {}',
    'export default 1',
  ]
  for (const code of refused) {
    assert.deepEqual(await lint('gateway/src/box.ts', code), ['no-restricted-syntax'], code)
  }
  assert.deepEqual(await lint('gateway/src/box.ts', 'export class Full extends RangeError {}'), [])
})

test('files, functions and branches stay small in sources', async () => {
  const line = 'export let a = 1\n'
  const branches = 'if (a) b();'.repeat(12)
  const sources: readonly (readonly [rule: string, code: string])[] = [
    ['max-lines', line.repeat(301)],
    ['max-lines-per-function', `export function long() {\n${'a()\n'.repeat(60)}}`],
    ['complexity', `export function branchy() {${branches}}`],
  ]
  for (const [rule, code] of sources) {
    assert.deepEqual(await lint('gateway/src/long.ts', code), [rule])
    assert.deepEqual(await lint('gateway/test/long.test.ts', code), [])
  }
  const spaced = '// a comment\n\n'.repeat(300) + line
  assert.deepEqual(await lint('gateway/src/long.ts', spaced), [])
})

test('no any, in sources and in tests', async () => {
  const code = 'export const a: any = 1'
  for (const file of ['gateway/src/box.ts', 'gateway/test/box.test.ts']) {
    assert.deepEqual(await lint(file, code), ['@typescript-eslint/no-explicit-any'])
  }
})

test('a file is named in kebab-case after what is in it', async () => {
  for (const file of ['gateway/src/outboundQueue.ts', 'gateway/src/utils.ts']) {
    assert.deepEqual(await lint(file, ''), ['satchel/file-name'])
  }
  assert.deepEqual(await lint('gateway/src/socket/outbound-queue.ts', ''), [])
})

test('sources import what their package.json names, tests what the root names as well', async () => {
  const undeclared = [
    "import { createServer } from 'engine.io'",
    "import fc from 'fast-check'",
    "export * from '@msgpack/msgpack/dist'",
    "export const lmdb = await import('lmdb/lib/index.js')",
  ]
  for (const code of undeclared) {
    assert.deepEqual(await lint('gateway/src/box.ts', code), ['satchel/declared-packages'], code)
  }
  const declared =
    "import 'node:fs'; import 'jose'; import '@satchel/chat-core/runtime'; import './a.ts'"
  assert.deepEqual(await lint('gateway/src/box.ts', declared), [])
  assert.deepEqual(await lint('gateway/test/box.test.ts', "import fc from 'fast-check'"), [])
})
