import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { ObjectStore } from '@satchel/chat-core/ports'
import { bytesOf, chunksOf } from '../support/bytes.ts'
import type { OpenedPort } from './opened-port.ts'

/** What every `ObjectStore` keeps to. */
export function describeObjectStore(
  backend: string,
  open: () => Promise<OpenedPort<ObjectStore>>,
): void {
  describe(`object store, ${backend}`, () => {
    let opened: OpenedPort<ObjectStore>
    before(async () => {
      opened = await open()
    })
    after(() => opened.close())
    const put = (key: string, text: string) =>
      opened.port.put(key, chunksOf(Buffer.from(text)), Buffer.byteLength(text))
    const textOf = async (key: string) => {
      const read = await opened.port.read(key)
      return read === undefined ? undefined : (await bytesOf(read.body)).toString()
    }

    test('bytes are read as they were put, whole or in part', async () => {
      const facts = await put('a/one', 'hello world')
      assert.equal(facts.sizeBytes, 11)
      const { modifiedMs, ...stored } = (await opened.port.head('a/one'))!
      assert.deepEqual(stored, facts)
      // Stores tell whole seconds.
      assert.ok(Math.abs(modifiedMs - performance.timeOrigin - performance.now()) < 60_000)
      assert.equal(await textOf('a/one'), 'hello world')
      const part = await opened.port.read('a/one', { first: 6, last: 8 })
      assert.equal(part?.sizeBytes, 11)
      assert.equal((await bytesOf(part.body)).toString(), 'wor')
    })

    test('large bytes come through whole', async () => {
      const bytes = Buffer.alloc(3_000_001, 'satchel')
      await opened.port.put('a/large', chunksOf(bytes, 100_000), bytes.length)
      const read = await opened.port.read('a/large')
      assert.ok((await bytesOf(read!.body)).equals(bytes))
    })

    test('empty bytes are bytes too', async () => {
      await put('a/empty', '')
      assert.equal((await opened.port.head('a/empty'))?.sizeBytes, 0)
      assert.equal(await textOf('a/empty'), '')
    })

    test('what is not there reads as absent, and removing it changes nothing', async () => {
      assert.equal(await opened.port.head('nowhere/one'), undefined)
      assert.equal(await opened.port.read('nowhere/one'), undefined)
      await opened.port.remove(['nowhere/one', 'nowhere/two'])
    })

    test('a write of another length than announced leaves what was there', async () => {
      await put('a/kept', 'before')
      for (const sizeBytes of [3, 9]) {
        await assert.rejects(
          opened.port.put('a/kept', chunksOf(Buffer.from('after!')), sizeBytes),
          { code: 'file_changed' },
        )
      }
      await assert.rejects(opened.port.put('a/never', chunksOf(Buffer.from('x')), 2))
      assert.equal(await textOf('a/kept'), 'before')
      assert.equal(await opened.port.head('a/never'), undefined)
    })

    test('a write whose source fails leaves what was there', async () => {
      await put('a/source', 'before')
      async function* failing(): AsyncGenerator<Uint8Array> {
        yield Buffer.from('aft')
        throw new Error('the source went away')
      }
      await assert.rejects(opened.port.put('a/source', failing(), 6))
      assert.equal(await textOf('a/source'), 'before')
    })

    test('another write gives another etag, and a reader keeps what it began with', async () => {
      const first = await put('a/twice', 'first')
      const reading = await opened.port.read('a/twice')
      const second = await put('a/twice', 'later')
      assert.notEqual(first.etag, second.etag)
      assert.equal((await bytesOf(reading!.body)).toString(), 'first')
      assert.equal(await textOf('a/twice'), 'later')
    })

    test('a reader may leave early', async () => {
      await put('a/left', 'hello')
      const read = await opened.port.read('a/left')
      const iterator = read!.body[Symbol.asyncIterator]()
      await iterator.return?.()
      assert.equal((await iterator.next()).done, true)
    })

    test('a copy is made only of the bytes the etag names, and outlives them', async () => {
      const first = await put('a/original', 'first')
      const second = await put('a/original', 'later')
      assert.equal(await opened.port.copy('a/original', first.etag, 'b/copy'), false)
      assert.equal(await opened.port.head('b/copy'), undefined)
      assert.equal(await opened.port.copy('a/original', second.etag, 'b/copy'), true)
      assert.equal(await opened.port.copy('a/original', second.etag, 'b/copy'), true)
      await put('a/original', 'third')
      await opened.port.remove(['a/original'])
      assert.equal(await textOf('b/copy'), 'later')
      assert.equal(await opened.port.copy('a/original', second.etag, 'b/other'), false)
    })

    test('keys are listed by prefix, in order, in pages', async () => {
      const keys = ['list/a', 'list/a.b', 'list/b/one', 'list/b/two', 'list/c', 'listless/x']
      for (const key of keys.toReversed()) await put(key, key)
      const listed: string[] = []
      for (let after: string | undefined; ; after = listed.at(-1)) {
        const page = await opened.port.list('list/', { after, limit: 2 })
        listed.push(...page)
        if (page.length < 2) break
      }
      assert.deepEqual(listed, keys.slice(0, 5))
      await opened.port.remove(keys)
      assert.deepEqual(await opened.port.list('list/', { limit: 9 }), [])
    })

    test('writers of the same key at once leave one of them whole', async () => {
      const texts = Array.from({ length: 8 }, (_, index) => String(index).repeat(5_000))
      await Promise.all(texts.map((text) => put('a/raced', text)))
      assert.ok(texts.includes((await textOf('a/raced')) ?? ''))
    })

    test('writing beside what is being removed succeeds', async () => {
      const lane = async (name: string) => {
        for (let round = 0; round < 20; round++) {
          await put(`folder/deep/${name}/one`, '1')
          await Promise.all([
            opened.port.remove([`folder/deep/${name}/one`]),
            put(`folder/deep/${name}/two`, '2'),
          ])
          assert.equal(await textOf(`folder/deep/${name}/one`), undefined)
          assert.equal(await textOf(`folder/deep/${name}/two`), '2')
          await opened.port.remove([`folder/deep/${name}/two`])
        }
      }
      await Promise.all(['a', 'b', 'c', 'd'].map(lane))
      assert.deepEqual(await opened.port.list('folder/', { limit: 9 }), [])
    })

    test('bytes are there after a restart', async () => {
      const facts = await put('a/stays', 'stays')
      await opened.reopen()
      assert.equal((await opened.port.head('a/stays'))?.etag, facts.etag)
      assert.equal(await textOf('a/stays'), 'stays')
    })
  })
}
