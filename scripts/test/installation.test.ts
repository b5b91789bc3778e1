import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { findInstallationGap, nodeBinary, repositoryRoot } from '../installation.mjs'

const native = `node_modules/@uwsjs/${process.platform}-${process.arch}-22`
const wanted = {
  '': {},
  protocol: { version: '0.1.0' },
  'node_modules/@satchel/protocol': { resolved: 'protocol', link: true },
  'node_modules/lmdb': { version: '3.5.6' },
  'node_modules/for-another-system': { version: '1.0.0', optional: true },
  [native]: { version: '20.51.4', optional: true },
}
const installed = {
  'node_modules/lmdb': { version: '3.5.6' },
  [native]: { version: '20.51.4', optional: true },
}

type Tree = {
  readonly present?: object
  readonly hasNative?: boolean
  readonly hasNode?: boolean
}

function makeTree(context: TestContext, { present, hasNative = true, hasNode = true }: Tree) {
  const root = mkdtempSync(join(tmpdir(), 'satchel-installation-'))
  context.after(() => rmSync(root, { recursive: true }))
  const write = (path: string, content: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), content)
  }
  write('package-lock.json', JSON.stringify({ packages: wanted }))
  if (present) write('node_modules/.package-lock.json', JSON.stringify({ packages: present }))
  if (hasNative) write(`${native}/package.json`, '{}')
  if (hasNode) write(nodeBinary.slice(repositoryRoot.length), '')
  return root
}

test('a complete installation is left alone, without the packages of other systems', (t) => {
  assert.equal(findInstallationGap(makeTree(t, { present: installed })), undefined)
})

test('a fresh clone and an interrupted installation are noticed', (t) => {
  assert.equal(findInstallationGap(makeTree(t, {})), 'nothing is installed yet')
})

test('a package that is missing, or older than the lock file says, is noticed', (t) => {
  const older = makeTree(t, {
    present: { ...installed, 'node_modules/lmdb': { version: '3.5.5' } },
  })
  assert.equal(findInstallationGap(older), 'node_modules/lmdb is 3.5.5, the lock file says 3.5.6')
  const missing = makeTree(t, { present: { [native]: installed[native] } })
  assert.equal(
    findInstallationGap(missing),
    'node_modules/lmdb is missing, the lock file says 3.5.6',
  )
})

test('an installation by npm on another Node lacks the native sockets, which is noticed', (t) => {
  const root = makeTree(t, { present: installed, hasNative: false })
  assert.equal(findInstallationGap(root), `${native} is missing`)
})

test('an installation without the pinned Node is noticed', (t) => {
  const root = makeTree(t, { present: installed, hasNode: false })
  assert.equal(findInstallationGap(root), 'the pinned Node is missing')
})
