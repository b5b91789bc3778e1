import assert from 'node:assert/strict'
import { mkdir, readFile, rename, stat } from 'node:fs/promises'
import { test } from 'node:test'
import { AuditFile } from '../src/audit/audit-file.ts'
import { temporaryFolder } from './temporary-folder.ts'

const ignore = (): void => undefined

test('lines come in order, whole, and for nobody else to read', async (context) => {
  const path = `${await temporaryFolder(context)}/audit.log`
  const file = new AuditFile({ path, mostBytes: 1e6, onLost: ignore })
  const lines = Array.from({ length: 500 }, (_, index) => `line ${index}\n`)
  for (const line of lines) file.write(line)
  await file.close()
  assert.equal(await readFile(path, 'utf8'), lines.join(''))
  assert.equal((await stat(path)).mode & 0o777, 0o600)
})

test('the file and the one before it stay as small as they must', async (context) => {
  const path = `${await temporaryFolder(context)}/audit.log`
  const file = new AuditFile({ path, mostBytes: 1_000, onLost: ignore })
  for (let index = 0; index < 200; index++) {
    file.write(`line ${index}\n`)
    await file.close()
  }
  const [before, now] = [await readFile(`${path}.1`, 'utf8'), await readFile(path, 'utf8')]
  assert.ok(before.length + now.length <= 1_000)
  const kept = (before + now).trimEnd().split('\n')
  const newest = Array.from({ length: kept.length }, (_, at) => `line ${200 - kept.length + at}`)
  assert.deepEqual(kept, newest)
})

test('a file that was taken away is whole, and a new one begins', async (context) => {
  const path = `${await temporaryFolder(context)}/audit.log`
  const file = new AuditFile({ path, mostBytes: 1e6, onLost: ignore })
  file.write('one\n')
  await file.close()
  await rename(path, `${path}.kept`)
  file.write('two\n')
  await file.close()
  assert.equal(await readFile(`${path}.kept`, 'utf8'), 'one\n')
  assert.equal(await readFile(path, 'utf8'), 'two\n')
})

test('lines that cannot be written are counted, and later ones are written again', async (context) => {
  const folder = `${await temporaryFolder(context)}/audit`
  let lost = 0
  const onLost = (lines: number): void => void (lost += lines)
  const file = new AuditFile({ path: `${folder}/audit.log`, mostBytes: 1e6, onLost })
  await assert.rejects(file.check(), /ENOENT/)
  file.write('one\n')
  file.write('two\n')
  await file.close()
  assert.equal(lost, 2)
  await mkdir(folder)
  file.write('three\n')
  await file.close()
  assert.equal(await readFile(`${folder}/audit.log`, 'utf8'), 'three\n')
})

test('lines that wait never take more than so much memory', async (context) => {
  const path = `${await temporaryFolder(context)}/audit.log`
  let lost = 0
  const onLost = (lines: number): void => void (lost += lines)
  const file = new AuditFile({ path, mostBytes: 1e9, onLost })
  const line = `${'x'.repeat(1_023)}\n`
  // Without a moment in between in which any of it could be written.
  for (let index = 0; index < 20_000; index++) file.write(line)
  await file.close()
  const written = (await stat(path)).size / line.length
  assert.equal(written + lost, 20_000)
  assert.ok(lost > 0 && written <= 2 * 8 * 1_024)
})
