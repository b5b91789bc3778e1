import assert from 'node:assert/strict'
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { FolderTree } from '../../../src/adapters/embedded/folder-tree.ts'
import { openTemporaryFolder } from '../../support/temporary-folder.ts'

async function openTree(context: TestContext) {
  const folder = await openTemporaryFolder()
  context.after(() => folder.remove())
  const root = join(folder.path, 'root')
  await mkdir(root)
  const tree = new FolderTree(root)
  let written = 0
  const place = async (key: string, text: string) => {
    const aside = join(folder.path, `aside-${written++}`)
    await writeFile(aside, text)
    await tree.place(aside, join(root, key))
  }
  return { root, tree, place, under: (key: string) => join(root, key) }
}

test('a folder comes with its first file and goes with its last', async (t) => {
  const { root, tree, under, place } = await openTree(t)
  await place('a/b/c/one', '1')
  await place('a/b/two', '2')
  await tree.remove(under('a/b/c/one'))
  assert.deepEqual(await readdir(under('a/b')), ['two'])
  await tree.remove(under('a/b/two'))
  assert.deepEqual(await readdir(root), [])
})

test('a file that cannot be placed leaves no folder behind', async (t) => {
  const { root, tree, under, place } = await openTree(t)
  await assert.rejects(tree.place(under('nowhere'), under('a/b/c')), { code: 'unavailable' })
  assert.deepEqual(await readdir(root), [])
  await place('a', 'a file where a folder would have to be')
  await assert.rejects(place('a/b/c', '1'), { code: 'unavailable' })
  assert.equal(await readFile(under('a'), 'utf8'), 'a file where a folder would have to be')
})

test('removing what is not there clears what an interrupted removal left', async (t) => {
  const { root, tree, under } = await openTree(t)
  await mkdir(under('a/b/c'), { recursive: true })
  await tree.remove(under('a/b/c/one'))
  assert.deepEqual(await readdir(root), [])
})

test('files come and go in the same folders at once, and none is in another one’s way', async (t) => {
  const { root, tree, under, place } = await openTree(t)
  const lane = async (key: string) => {
    for (let round = 0; round < 50; round++) {
      await place(key, String(round))
      assert.equal(await readFile(under(key), 'utf8'), String(round))
      await tree.remove(under(key))
    }
  }
  await Promise.all(['a/b/c/1', 'a/b/c/2', 'a/b/c/d/3', 'a/b/4', 'a/5', 'a/b/c/d/e/6'].map(lane))
  assert.deepEqual(await readdir(root), [])
})
