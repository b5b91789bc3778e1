import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { newConversationId } from '@satchel/protocol'
import type { Backend } from '../../src/backends/backend.ts'
import type { CommandLog, CommandRecord, LogEntry } from '../../src/ports/command-log.ts'
import { requireCommands } from '../support/command-record.ts'
import { eventually } from '../support/eventually.ts'
import { ALICE } from '../support/people.ts'
import type { ContractSubject } from './contract-subject.ts'

type Ports = Pick<Backend, 'commandLog' | 'clock'>

export function describeCommandLog(name: string, subject: ContractSubject<Ports>): void {
  describe(`command log, ${name}`, () => {
    it('gives out what one process appended in that order, everything once', async (test) => {
      const { one, other } = await subject.open(test)
      const records = readAll(other.commandLog)
      await Promise.all(Array.from({ length: 3_000 }, (_, n) => one.commandLog.append(0, entry(n))))
      await eventually(() => assert.equal(numbersIn(records).length, 3_000))
      assert.deepEqual(
        numbersIn(records),
        Array.from({ length: 3_000 }, (_, n) => n),
      )
    })

    it('numbers records without gaps, with times that are those of the clock', async (test) => {
      const { one, other } = await subject.open(test)
      const before = one.clock.nowMs()
      const records = readAll(other.commandLog)
      for (let n = 0; n < 5; n++) {
        await one.commandLog.append(0, entry(n))
        await eventually(() => assert.equal(numbersIn(records).length, n + 1))
      }
      const [first] = records
      assert.ok(first !== undefined)
      assert.deepEqual(
        records.map(({ generation, record }) => [generation, record]),
        records.map((_, index) => [first.generation, first.record + index]),
      )
      for (const { timeMs } of records)
        assert.ok(timeMs >= before - 50 && timeMs <= one.clock.nowMs() + 50)
    })

    it('gives out no more than 1,000 commands or 64 KB at a time', async (test) => {
      const { one, other } = await subject.open(test)
      const records = readAll(other.commandLog)
      const text = 'x'.repeat(8_000)
      await Promise.all([
        ...Array.from({ length: 2_500 }, (_, n) => one.commandLog.append(0, entry(n))),
        ...Array.from({ length: 40 }, (_, n) => one.commandLog.append(0, entry(2_500 + n, text))),
      ])
      await eventually(() => assert.equal(numbersIn(records).length, 2_540))
      for (const { entries, bytes } of records) {
        const textBytes = Buffer.byteLength(textsOf(entries))
        assert.ok(bytes >= textBytes)
        assert.ok(entries.length <= 1_000)
        assert.ok(entries.length === 1 || textBytes <= 64 * 1024)
      }
    })

    it('waits with the next record until the reader is done with this one', async (test) => {
      const { one, other } = await subject.open(test)
      const given: CommandRecord[] = []
      let release: () => void = () => undefined
      const reader = other.commandLog.read(0, 0, (record) => {
        given.push(requireCommands(record))
        return new Promise((resolve) => (release = resolve))
      })
      await one.commandLog.append(0, entry(0))
      await eventually(() => assert.equal(given.length, 1))
      await Promise.all([1, 2, 3].map((n) => one.commandLog.append(0, entry(n))))
      await turns(20)
      assert.deepEqual(numbersIn(given), [0])
      release()
      await eventually(() => {
        release()
        assert.deepEqual(numbersIn(given), [0, 1, 2, 3])
      })
      release()
      await reader.close()
    })

    it('goes on after a record the reader failed on', async (test) => {
      const { one, other } = await subject.open(test)
      const given: CommandRecord[] = []
      other.commandLog.read(0, 0, async (record) => {
        given.push(requireCommands(record))
        if (given.length === 1) throw new Error('not today')
      })
      await one.commandLog.append(0, entry(0))
      await eventually(() => assert.equal(given.length, 1))
      await one.commandLog.append(0, entry(1))
      await eventually(() => assert.deepEqual(numbersIn(given), [0, 1]))
    })

    it('gives out nothing after a reader has closed', async (test) => {
      const { one, other } = await subject.open(test)
      const given: CommandRecord[] = []
      const reader = other.commandLog.read(0, 0, async (record) => {
        given.push(requireCommands(record))
      })
      await one.commandLog.append(0, entry(0))
      await eventually(() => assert.equal(given.length, 1))
      await reader.close()
      await one.commandLog.append(0, entry(1))
      await turns(20)
      assert.deepEqual(numbersIn(given), [0])
    })

    it('carries the whole command and where its answer goes', async (test) => {
      const { one, other } = await subject.open(test)
      const records = readAll(other.commandLog)
      const whole: LogEntry = {
        command: {
          ...entry(7).command,
          key: { kind: 'idempotency', hash: 'AAAAAAAAAAA' },
          to: ALICE,
          content: {
            kind: 'send_message',
            text: 'Zoë',
            mentions: [ALICE],
            data: { deep: [{ a: null }] },
          },
        },
        answerTo: { gatewayId: 'g', bootId: 'b', ticket: 12 },
      }
      await one.commandLog.append(0, whole)
      await eventually(() => assert.equal(records.length, 1))
      assert.deepEqual(records[0]?.entries, [whole])
    })
  })
}

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

const CONVERSATION = newConversationId('group')

function readAll(log: CommandLog): readonly CommandRecord[] {
  const records: CommandRecord[] = []
  log.read(0, 0, async (record) => {
    records.push(requireCommands(record))
  })
  return records
}

function numbersIn(records: readonly CommandRecord[]): readonly number[] {
  return records.flatMap(({ entries }) => entries.map(({ command }) => command.contentHash))
}

function textsOf(entries: readonly LogEntry[]): string {
  return entries
    .map(({ command: { content } }) => (content.kind === 'send_message' ? content.text : ''))
    .join('')
}

/** Lets the loop turn, for what must not happen meanwhile. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve))
}
