import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ChatError } from '@satchel/protocol'
import { AppendBound } from '../../../src/adapters/nats/append-bound.ts'
import { AppendQueue } from '../../../src/adapters/nats/append-queue.ts'

/** A log of which the test says what becomes of each record. */
class Log {
  readonly records: string[] = []
  readonly queue: AppendQueue
  #outcomes: PromiseWithResolvers<number>[] = []

  constructor(bound = new AppendBound()) {
    this.queue = new AppendQueue((entries) => {
      this.records.push(entries.map((entry) => Buffer.from(entry).toString()).join(''))
      const outcome = Promise.withResolvers<number>()
      this.#outcomes.push(outcome)
      return outcome.promise
    }, bound)
  }

  /** What becomes of each command, in the end. */
  append(...texts: readonly string[]): readonly Promise<string>[] {
    const appended = texts.map((text) => this.queue.append(Buffer.from(text)))
    void this.queue.run()
    return appended.map((promise) =>
      promise.then(
        () => 'kept',
        (error: unknown) => (error instanceof ChatError ? error.code : String(error)),
      ),
    )
  }

  async keep(record: number): Promise<void> {
    this.#outcomes.shift()?.resolve(record)
    await turn()
  }

  async fail(code: 'retry' | 'storage_full' | 'unavailable'): Promise<void> {
    this.#outcomes.shift()?.reject(new ChatError(code, 'not kept'))
    await turn()
  }
}

async function turn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
}

test('one record is on its way, and what gathers meanwhile is the next', async () => {
  const log = new Log()
  const appended = [...log.append('a'), ...log.append('b', 'c'), ...log.append('d')]
  assert.deepEqual(log.records, ['a'])
  await log.keep(1)
  assert.deepEqual(log.records, ['a', 'bcd'])
  await log.keep(2)
  assert.deepEqual(await Promise.all(appended), ['kept', 'kept', 'kept', 'kept'])
})

test('a record holds 1,000 commands and 64 KB at most, and a longer command alone', async () => {
  const log = new Log()
  const appended = [
    ...log.append('-', ...Array.from({ length: 1_001 }, () => 'x')),
    ...log.append('y'.repeat(65_536), 'z'.repeat(70_000), 'e'),
  ]
  for (let record = 1; record <= 5; record++) await log.keep(record)
  assert.deepEqual(
    log.records.map((text) => text.length),
    [1_000, 2, 65_536, 70_000, 1],
  )
  await Promise.all(appended)
})

test('what is behind a record that failed fails as well, untried, and is not unknown', async () => {
  for (const [code, behind] of [
    ['retry', 'unavailable'],
    ['unavailable', 'unavailable'],
    ['storage_full', 'storage_full'],
  ] as const) {
    const log = new Log()
    const appended = [...log.append('a'), ...log.append('b', 'c')]
    await log.fail(code)
    assert.deepEqual(await Promise.all(appended), [code, behind, behind])
    assert.deepEqual(log.records, ['a'])
  }
})

test('nothing is taken before callers have heard of a failure, and then again', async () => {
  const log = new Log()
  const first = log.append('a')
  const second = first[0]?.then(() => Promise.all(log.append('b')))
  await log.fail('retry')
  assert.deepEqual(await second, ['unavailable'])
  await turn()
  const third = log.append('c')
  await log.keep(1)
  assert.deepEqual(await Promise.all(third), ['kept'])
})

test('beyond the bound commands are refused, and so is what would fit behind them', async () => {
  const bound = new AppendBound(100, 10)
  const log = new Log(bound)
  const other = new Log(bound)
  const appended = [...log.append('12345'), ...log.append('67890', 'x'), ...log.append('')]
  assert.deepEqual(await Promise.all(appended.slice(2)), ['unavailable', 'unavailable'])
  assert.deepEqual(await Promise.all(other.append('y')), ['unavailable'])
  await log.keep(1)
  await log.keep(2)
  await turn()
  const again = [...log.append('12345'), ...other.append('67890')]
  await log.keep(3)
  await other.keep(1)
  assert.deepEqual(await Promise.all(again), ['kept', 'kept'])
})

test('says which record is the last with a command of its own, once that is known', async () => {
  const log = new Log()
  assert.equal(log.queue.lastRecord, 0)
  const appended = log.append('a')
  assert.equal(log.queue.lastRecord, Number.POSITIVE_INFINITY)
  await log.keep(17)
  await Promise.all(appended)
  assert.equal(log.queue.lastRecord, 17)
})
