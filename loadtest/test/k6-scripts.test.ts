import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { TextDecoder as OwnDecoder, TextEncoder as OwnEncoder } from '../k6/client/text-encoding.ts'
import { isWellFormed, toWellFormed } from '../k6/client/well-formed.ts'
import { DEFAULTS } from '../k6/settings.ts'
import { findOptionalProgram } from '../src/find-optional-program.ts'
import { bundleK6Scripts, K6_SCRIPTS } from '../src/k6/bundle-k6-scripts.ts'
import { k6EnvironmentOf, runK6 } from '../src/k6/run-k6.ts'
import { openLoadTarget } from '../src/load/load-target.ts'

const TEXTS = [
  '',
  'plain',
  'Grüße, 世界, 👋🏽 and \u{10ffff}',
  '\ufeffafter a byte order mark',
  'half \ud83d of a pair, \udc4b too, \udc4b\ud83d turned round',
]

async function temporaryFolder(context: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'satchel-k6-test-'))
  context.after(() => rm(folder, { recursive: true, force: true }))
  return folder
}

test('each k6 script becomes one file that needs nothing but k6', async (context) => {
  const scripts = await bundleK6Scripts(await temporaryFolder(context))
  for (const name of K6_SCRIPTS) {
    const source = await readFile(scripts[name], 'utf8')
    const imported = [...source.matchAll(/^import .*? from "([^"]+)";$/gm)].map(([, from]) => from)
    assert.ok(imported.length > 3, `${name} imports ${imported.join(', ')}`)
    assert.deepEqual(
      imported.filter((from) => from !== 'k6' && from?.startsWith('k6/') !== true),
      [],
      `${name} imports something that k6 does not bring`,
    )
    // What k6 lacks is not asked of it.
    assert.doesNotMatch(source, /\b(process|Buffer|performance)\./, name)
  }
})

test('what k6 lacks of the Encoding Standard is as it is elsewhere', () => {
  const [own, standard] = [new OwnEncoder(), new TextEncoder()]
  const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  for (const text of TEXTS) {
    assert.deepEqual(own.encode(text), standard.encode(text), JSON.stringify(text))
    for (const room of [0, 5, 40]) {
      const [one, other] = [new Uint8Array(room), new Uint8Array(room)]
      assert.deepEqual(own.encodeInto(text, one), standard.encodeInto(text, other))
      assert.deepEqual(one, other)
    }
    const bytes = standard.encode(text)
    assert.equal(new OwnDecoder().decode(bytes), strict.decode(bytes))
    assert.equal(isWellFormed(text), text.isWellFormed())
    assert.equal(toWellFormed(text), text.toWellFormed())
  }
  for (const bytes of [[0xff], [0xc0, 0x80], [0xe2, 0x82], [0xed, 0xa0, 0x80]]) {
    assert.throws(() => new OwnDecoder().decode(Uint8Array.from(bytes)), bytes.join(' '))
  }
})

test('the document lists every setting of the k6 scripts, with what holds without it', async () => {
  const document = await readFile(join(import.meta.dirname, '..', 'k6', 'README.md'), 'utf8')
  const rows = [...document.matchAll(/^\| `([A-Z_]+)` \| (?:`([^`]*)`|must be given) \|/gm)]
  assert.deepEqual(Object.fromEntries(rows.map(([, name, value = '']) => [name, value])), DEFAULTS)
})

test('k6 runs all of it at once without a failure', async (context) => {
  const k6 = findOptionalProgram('k6', process.env['SATCHEL_K6'], process.env['PATH'])
  if (k6 === undefined) {
    context.skip('k6 is neither on the search path nor at SATCHEL_K6; building it takes too long')
    return
  }
  const folder = await temporaryFolder(context)
  const target = await openLoadTarget({
    node: process.execPath,
    environment: process.env,
    folder,
    isDistributed: false,
    tell: () => undefined,
  })
  context.after(() => target.close())
  const scripts = await bundleK6Scripts(folder)
  const code = await runK6({
    k6,
    script: scripts.mixed,
    settings: [
      ...['RAMP_SECONDS=1', 'HOLD_SECONDS=2', 'SOCKETS=20', 'CHAT_SECONDS=2'],
      ...['CONCURRENT_UPLOADS=6', 'UPLOADS_PER_USER=3', 'UPLOAD_SECONDS=1', 'READERS_PER_SECOND=1'],
      // Latencies are another matter, on whatever machine this is.
      'SLOWNESS=100',
    ],
    environment: { ...process.env, ...k6EnvironmentOf(target) },
  })
  assert.equal(code, 0)
})
