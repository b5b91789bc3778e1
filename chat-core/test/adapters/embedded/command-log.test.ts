import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newConversationId } from '@satchel/protocol'
import { openEmbeddedCommandLog } from '../../../src/adapters/embedded/command-log.ts'
import type { LogEntry } from '../../../src/ports/command-log.ts'
import { requireCommands } from '../../support/command-record.ts'
import { eventually } from '../../support/eventually.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { ALICE } from '../../support/people.ts'

const conversationId = newConversationId('group')

function entry(text = 'hello'): LogEntry {
  return {
    command: {
      conversationId,
      authorId: ALICE,
      key: { kind: 'none' },
      contentHash: 0,
      content: { kind: 'send_message', text },
    },
    answerTo: undefined,
  }
}

function takes(appended: Promise<void>): Promise<boolean> {
  return appended.then(
    () => true,
    () => false,
  )
}

function openLog(clock = new ManualClock(), partitions = 1, turn = Promise.resolve()) {
  return openEmbeddedCommandLog({ clock, generation: 7, partitions, turn: () => turn })
}

test('refuses, to be tried again, what goes beyond 10,000 undecided commands', async () => {
  const log = openLog()
  await Promise.all(Array.from({ length: 10_000 }, () => log.append(0, entry())))
  await assert.rejects(log.append(0, entry()), { code: 'unavailable', retryable: true })
  let taken = 0
  log.read(0, 0, async (record) => {
    taken += requireCommands(record).entries.length
  })
  await eventually(() => assert.equal(taken, 10_000))
  await log.append(0, entry())
  await eventually(() => assert.equal(taken, 10_001))
})

test('refuses what goes beyond 32 MB', async () => {
  const log = openLog()
  let taken = 0
  await assert.rejects(
    async () => {
      for (; taken < 10_000; taken++) await log.append(0, entry('x'.repeat(8_000)))
    },
    { code: 'unavailable' },
  )
  assert.ok(taken > 1_500 && taken < 5_000, `took ${taken}`)
})

test('takes no short command behind a long one that it had no room for', async () => {
  const log = openLog()
  const long = 'x'.repeat(8_000)
  while (await takes(log.append(0, entry(long))));
  const together = [log.append(0, entry(long)), log.append(0, entry('short'))]
  assert.deepEqual(await Promise.all(together.map(takes)), [false, false])
  await eventually(async () => assert.ok(await takes(log.append(0, entry('short')))))
  await log.close()
})

test('counts what a reader has not decided yet', async () => {
  const log = openLog()
  const release = Promise.withResolvers<undefined>()
  log.read(0, 0, () => release.promise)
  await Promise.all(Array.from({ length: 10_000 }, () => log.append(0, entry())))
  await new Promise((resolve) => setImmediate(resolve))
  await assert.rejects(log.append(0, entry()), { code: 'unavailable' })
  release.resolve(undefined)
  await eventually(() => log.append(0, entry()))
})

test('takes the time of a record from the clock when it is drained', async () => {
  const clock = new ManualClock(5_000)
  const log = openLog(clock)
  await log.append(0, entry())
  clock.advance(1_000)
  const times: number[] = []
  log.read(0, 0, async (record) => {
    times.push(requireCommands(record).timeMs, record.generation)
  })
  await eventually(() => assert.deepEqual(times, [6_000, 7]))
})

test('keeps partitions apart', async () => {
  const log = openLog(new ManualClock(), 2)
  const seen: string[] = []
  for (const partition of [0, 1])
    log.read(partition, 0, async (record) => {
      seen.push(`${partition}/${record.record}: ${requireCommands(record).entries.length}`)
    })
  await log.append(1, entry())
  await log.append(0, entry())
  await log.append(1, entry())
  await eventually(() => assert.deepEqual(seen.toSorted(), ['0/1: 1', '1/1: 2']))
  await assert.rejects(log.append(2, entry()), { code: 'internal' })
})

test('takes nothing once it is closing, and waits for the record that is being decided', async () => {
  const log = openLog()
  const release = Promise.withResolvers<undefined>()
  let given = 0
  log.read(0, 0, () => {
    given++
    return release.promise
  })
  await log.append(0, entry())
  await eventually(() => assert.equal(given, 1))
  let closed = false
  const closing = log.close().then(() => (closed = true))
  await assert.rejects(log.append(0, entry()), { code: 'unavailable' })
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(closed, false)
  release.resolve(undefined)
  await closing
})

test('what comes before its turn is one record', async () => {
  const turn = Promise.withResolvers<undefined>()
  const log = openLog(new ManualClock(), 1, turn.promise)
  const records: number[] = []
  log.read(0, 0, async (record) => {
    records.push(requireCommands(record).entries.length)
  })
  await log.append(0, entry())
  await new Promise((resolve) => setImmediate(resolve))
  await log.append(0, entry())
  await log.append(0, entry())
  assert.deepEqual(records, [])
  turn.resolve(undefined)
  await eventually(() => assert.deepEqual(records, [3]))
  await log.close()
})

test('a reader that leaves while a turn is awaited takes nothing with it', async () => {
  const turn = Promise.withResolvers<undefined>()
  const log = openLog(new ManualClock(), 1, turn.promise)
  const leaving = log.read(0, 0, async () => {
    assert.fail('it has left')
  })
  await log.append(0, entry())
  await new Promise((resolve) => setImmediate(resolve))
  const left = leaving.close()
  turn.resolve(undefined)
  await left
  let taken = 0
  log.read(0, 0, async (record) => {
    taken += requireCommands(record).entries.length
  })
  await eventually(() => assert.equal(taken, 1))
  await log.close()
})
