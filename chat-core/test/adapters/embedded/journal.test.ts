import assert from 'node:assert/strict'
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { Environment } from '../../../src/adapters/embedded/environment.ts'
import { REMOVED, cellName } from '../../../src/adapters/embedded/cell-table.ts'
import { openJournal, readJournal, type Journal } from '../../../src/adapters/embedded/journal.ts'
import { JOURNAL_CELL_BYTES } from '../../../src/adapters/embedded/journal-record.ts'
import type { StagedCell } from '../../../src/adapters/embedded/store-transaction.ts'
import { openEmbeddedStore } from '../../../src/adapters/embedded/embedded-store.ts'

const SEGMENT_BYTES = 64 * 1024

async function journalFor(context: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), 'satchel-journal-'))
  const environment = new Environment(join(folder, 'store'))
  const cells = environment.database('things')
  const journal = await openJournal({ folder, segmentBytes: SEGMENT_BYTES })
  context.after(async () => {
    await journal.close()
    await environment.close()
    await rm(folder, { recursive: true })
  })
  const append = (number: number, ...pairs: readonly (readonly [string, string | undefined])[]) => {
    const staged = pairs.map(([name, text]): StagedCell => {
      const key = Buffer.from(name)
      const value = text === undefined ? REMOVED : Buffer.from(text)
      return { cells, key, value, name: cellName(key) }
    })
    const size = staged.reduce(
      (sum, { key, value }) => sum + JOURNAL_CELL_BYTES + key.length + value.length,
      0,
    )
    return journal.append(number, staged, size)
  }
  return { folder, journal, append, code: cells.code }
}

async function numbersIn(folder: string, applied = 0): Promise<readonly number[]> {
  return (await readJournal(folder, applied)).map(({ number }) => number)
}

/** Overwrites bytes of a journal file. */
async function damage(folder: string, file: string, position: number): Promise<void> {
  const handle = await open(join(folder, file), 'r+')
  await handle.write(Buffer.from([0xde, 0xad]), 0, 2, position)
  await handle.close()
}

test('gives back what was appended: empty values, removals, bytes of any kind', async (context) => {
  const { folder, append, code } = await journalFor(context)
  await append(1, ['a', 'x'], ['b', ''], ['c', undefined])
  await append(2, ['\0\u00ff', 'é👋'])
  const records = await readJournal(folder, 0)
  assert.deepEqual(
    records.map(({ number, cells }) => [
      number,
      cells.map((cell) => [
        cell.code,
        cell.key.toString(),
        cell.value === REMOVED ? undefined : cell.value.toString(),
      ]),
    ]),
    [
      [
        1,
        [
          [code, 'a', 'x'],
          [code, 'b', ''],
          [code, 'c', undefined],
        ],
      ],
      [2, [[code, '\0\u00ff', 'é👋']]],
    ],
  )
})

test('gives only what LMDB does not have, from both files in order', async (context) => {
  const { folder, journal, append } = await journalFor(context)
  for (const number of [1, 2, 3]) await append(number, ['a', 'x'])
  journal.rotate()
  for (const number of [4, 5]) await append(number, ['a', 'x'])
  assert.deepEqual(await numbersIn(folder), [1, 2, 3, 4, 5])
  assert.deepEqual(await numbersIn(folder, 2), [3, 4, 5])
  assert.deepEqual(await numbersIn(folder, 5), [])
  journal.rotate()
  await append(6, ['a', 'x'])
  assert.deepEqual(await numbersIn(folder, 3), [4, 5, 6])
})

test('leaves out a last record that is not whole', async (context) => {
  const { folder, append } = await journalFor(context)
  await append(1, ['a', 'first'])
  await append(2, ['a', 'second'])
  const bytes = await readFile(join(folder, 'journal-a'))
  const inSecond = bytes.indexOf('second')
  await damage(folder, 'journal-a', inSecond)
  assert.deepEqual(await numbersIn(folder), [1])
})

test('takes no old record that lies behind the newest for a newer one', async (context) => {
  const { folder, journal, append } = await journalFor(context)
  for (const number of [1, 2, 3, 4]) await append(number, ['a', 'same length'])
  journal.rotate()
  for (const number of [5, 6]) await append(number, ['a', 'same length'])
  journal.rotate()
  await append(7, ['a', 'same length'])
  assert.deepEqual(await numbersIn(folder, 4), [5, 6, 7])
})

test('says that a record is missing rather than going on without it', async (context) => {
  const { folder, journal, append } = await journalFor(context)
  await append(1, ['a', 'first'])
  await append(2, ['a', 'second'])
  journal.rotate()
  await append(3, ['a', 'third'])
  const bytes = await readFile(join(folder, 'journal-a'))
  await damage(folder, 'journal-a', bytes.indexOf('second'))
  await assert.rejects(readJournal(folder, 0), { message: /damaged: record 2 is missing/ })
  assert.deepEqual(await numbersIn(folder, 2), [3])
})

test('survives every length of its files, as a crash while they are made may leave them', async (context) => {
  const { folder, append } = await journalFor(context)
  await append(1, ['a', 'x'.repeat(100)])
  const bytes = await readFile(join(folder, 'journal-a'))
  const end = bytes.lastIndexOf('x') + 1
  for (let length = 0; length <= end; length += 7) {
    await writeFile(join(folder, 'journal-a'), bytes.subarray(0, length))
    assert.deepEqual(await numbersIn(folder), [])
  }
  await writeFile(join(folder, 'journal-a'), bytes.subarray(0, end))
  assert.deepEqual(await numbersIn(folder), [1])
})

test('knows when a record no longer fits', async (context) => {
  const { journal, append } = await journalFor(context)
  let number = 0
  while (journal.fits(1_008)) await append(++number, ['a', 'x'.repeat(1_000)])
  assert.ok(number > 55 && journal.usedBytes <= SEGMENT_BYTES)
  assert.ok(journal.usedBytes + 1_100 > SEGMENT_BYTES)
  fillsAgain(journal)
})

function fillsAgain(journal: Journal): void {
  journal.rotate()
  assert.ok(journal.fits(1_008))
}

test('a store refuses to open on a damaged journal instead of losing what was acknowledged', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'satchel-journal-'))
  context.after(() => rm(folder, { recursive: true }))
  const options = { dataDir: folder, pid: process.pid }
  const first = await openEmbeddedStore(options)
  await first.close()
  const { folder: other, journal, append } = await journalFor(context)
  await append(1, ['a', 'x'])
  journal.rotate()
  await append(2, ['a', 'x'])
  await writeFile(join(folder, 'journal-b'), await readFile(join(other, 'journal-b')))
  await assert.rejects(openEmbeddedStore(options), { code: 'unavailable', message: /damaged/ })
})
