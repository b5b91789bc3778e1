import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { newConversationId } from '@satchel/protocol'
import type { CommandLog, Epoch, LogEntry, LogRecord } from '../../src/ports/command-log.ts'
import type { PartitionLog } from '../../src/ports/partition-log.ts'
import { eventually } from '../support/eventually.ts'
import { ALICE } from '../support/people.ts'
import type { ContractSubject } from './contract-subject.ts'

interface Ports {
  readonly commandLog: CommandLog
  readonly partitionLog: PartitionLog
}

const EVER = Number.MAX_SAFE_INTEGER

/** What every `PartitionLog` keeps to, and a `CommandLog` that has one. */
export function describePartitionLog(name: string, subject: ContractSubject<Ports>): void {
  describe(`partition log, ${name}`, { concurrency: true }, () => {
    it('a fresh partition has no records, and room', async (test) => {
      const { one } = await subject.open(test)
      const { generation, ...extent } = await one.partitionLog.extent(0)
      assert.deepEqual(extent, { firstRecord: 1, lastRecord: 0, fullness: 0 })
      assert.ok(generation > 0)
    })

    it('a claim has its place among the commands, the same for everybody', async (test) => {
      const { one, other } = await subject.open(test)
      const read = [readAll(one.commandLog), readAll(other.commandLog)]
      await one.commandLog.append(0, entry(1))
      const claimed = await other.partitionLog.claim(0, epochOf('other'))
      await one.commandLog.append(0, entry(2))
      assert.equal(claimed, 2)
      for (const records of read) {
        await eventually(() => assert.equal(records.length, 3))
        assert.deepEqual(records.map(contentOf), [[1], epochOf('other'), [2]])
        assert.deepEqual(
          records.map(({ record }) => record),
          [1, 2, 3],
        )
      }
    })

    it('of two who claim at once one is later', async (test) => {
      const { one, other } = await subject.open(test)
      const claimed = await Promise.all([
        one.partitionLog.claim(0, epochOf('one')),
        other.partitionLog.claim(0, epochOf('other')),
      ])
      assert.deepEqual(claimed.toSorted(), [1, 2])
      assert.equal((await one.partitionLog.extent(0)).lastRecord, 2)
    })

    it('a partition grows fuller', async (test) => {
      const { one, other } = await subject.open(test)
      await one.commandLog.append(0, entry(1, 'x'.repeat(8_000)))
      const { fullness } = await other.partitionLog.extent(0)
      assert.ok(fullness > 0 && fullness < 1)
    })

    it('a reader begins behind the record it names, and waits at the end', async (test) => {
      const { one, other } = await subject.open(test)
      for (const number of [1, 2, 3]) await one.commandLog.append(0, entry(number))
      const records = readAll(other.commandLog, 2)
      const atTheEnd = readAll(other.commandLog, 3)
      await eventually(() => assert.deepEqual(records.map(contentOf), [[3]]))
      assert.equal(atTheEnd.length, 0)
      await one.commandLog.append(0, entry(4))
      await eventually(() => assert.deepEqual(atTheEnd.map(contentOf), [[4]]))
    })

    it('purges records up to the one that is named, and numbers go on', async (test) => {
      const { one, other } = await subject.open(test)
      for (const number of [1, 2, 3, 4]) await one.commandLog.append(0, entry(number))
      await other.partitionLog.purge(0, 2, EVER)
      const { firstRecord, lastRecord } = await one.partitionLog.extent(0)
      assert.deepEqual([firstRecord, lastRecord], [3, 4])
      await other.partitionLog.purge(0, 100, EVER)
      const purged = await one.partitionLog.extent(0)
      assert.deepEqual([purged.firstRecord, purged.lastRecord, purged.fullness], [5, 4, 0])
      const records = readAll(one.commandLog, 4)
      await one.commandLog.append(0, entry(5))
      await eventually(() => assert.deepEqual(records.map(contentOf), [[5]]))
      await other.partitionLog.purge(0, 4, EVER)
      assert.equal((await one.partitionLog.extent(0)).firstRecord, 5)
    })

    it('purges no record that the log took since', async (test) => {
      const { one } = await subject.open(test)
      const records = readAll(one.commandLog)
      for (let number = 1; number <= 20; number++) await one.commandLog.append(0, entry(number))
      await eventually(() => assert.equal(records.length, 20))
      await one.partitionLog.purge(0, 20, 0)
      assert.equal((await one.partitionLog.extent(0)).firstRecord, 1)
      const beforeMs = timeOf(records[11]!)
      const since = records.findIndex((record) => timeOf(record) >= beforeMs)
      await one.partitionLog.purge(0, 20, beforeMs)
      assert.ok((await one.partitionLog.extent(0)).firstRecord <= since + 1)
      await one.partitionLog.purge(0, 5, EVER)
      assert.ok((await one.partitionLog.extent(0)).firstRecord > 5)
    })

    it('a reader that needs purged records is told, and gets nothing else', async (test) => {
      const { one } = await subject.open(test)
      for (const number of [1, 2, 3, 4]) await one.commandLog.append(0, entry(number))
      await one.partitionLog.purge(0, 3, EVER)
      const records = readAll(one.commandLog, 1)
      await eventually(() => assert.ok(records.length > 0))
      const { generation } = await one.partitionLog.extent(0)
      await one.commandLog.append(0, entry(5))
      assert.deepEqual(records, [{ kind: 'broken', generation, record: 2, reason: 'missing' }])
    })

    it('a reader of what was never there is told', async (test) => {
      const { one } = await subject.open(test)
      await one.commandLog.append(0, entry(1))
      const records = readAll(one.commandLog, 7)
      await eventually(() => assert.ok(records.length > 0))
      const { generation } = await one.partitionLog.extent(0)
      assert.deepEqual(records, [{ kind: 'broken', generation, record: 8, reason: 'missing' }])
    })
  })
}

function epochOf(ownerId: string): Epoch {
  return {
    ownerId,
    rulesVersion: 1,
    settings: {
      clientsMayCreateGroups: true,
      historyForNewcomers: false,
      eraseBlanksMessages: false,
    },
  }
}

const CONVERSATION = newConversationId('group')

function entry(number: number, text = 'hello'): LogEntry {
  return {
    command: {
      conversationId: CONVERSATION,
      authorId: ALICE,
      key: { kind: 'none' },
      contentHash: number,
      content: { kind: 'send_message', text },
    },
    answerTo: undefined,
  }
}

function readAll(log: CommandLog, after = 0): readonly LogRecord[] {
  const records: LogRecord[] = []
  log.read(0, after, async (record) => {
    records.push(record)
  })
  return records
}

function contentOf(record: LogRecord): unknown {
  switch (record.kind) {
    case 'commands':
      return record.entries.map(({ command }) => command.contentHash)
    case 'epoch':
      return record.epoch
    case 'broken':
      return record.reason
    default:
      return record satisfies never
  }
}

function timeOf(record: LogRecord): number {
  assert.ok(record.kind !== 'broken')
  return record.timeMs
}
