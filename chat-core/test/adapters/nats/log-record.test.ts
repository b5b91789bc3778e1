import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  formatCommands,
  formatCommandsHead,
  formatEntry,
  formatEpoch,
  parseLogRecord,
} from '../../../src/adapters/nats/log-record.ts'
import type { AnswerAddress, Epoch, LogEntry } from '../../../src/ports/command-log.ts'
import { arbitraryContent, arbitraryKey, PEOPLE } from '../../domain/arbitrary-commands.ts'
import { commandOf, idOf, keyOf } from '../../domain/conversation-run.ts'

const origin = { gatewayId: 'gateway-1', bootId: 'AbCdEf01' }
const place = { generation: 3, record: 17, timeMs: 1_700_000_000_000 }
const broken = { kind: 'broken', generation: 3, record: 17, reason: 'unknown_version' }

const epoch: Epoch = {
  ownerId: 'owner-1',
  rulesVersion: 1,
  settings: { clientsMayCreateGroups: true, historyForNewcomers: false, eraseBlanksMessages: true },
}

const plain: LogEntry = {
  command: {
    conversationId: idOf('group', 1),
    authorId: PEOPLE[0]!,
    key: keyOf(1, 2),
    contentHash: 0x9abcdef0,
    content: { kind: 'send_message', text: 'Zoë' },
  },
  answerTo: { ...origin, ticket: 300 },
}
const fromElsewhere: LogEntry = {
  command: { ...plain.command, key: { kind: 'idempotency', hash: 'AAAAAAAAAAA' } },
  answerTo: { gatewayId: 'g', bootId: 'b', ticket: 1 },
}
const refused: LogEntry = {
  command: {
    ...plain.command,
    key: { kind: 'none' },
    to: PEOPLE[1],
    byServer: true,
    refusal: { code: 'not_allowed', message: 'no' },
  },
  answerTo: undefined,
}

// Golden: logs hold these bytes while a later release takes over.
const GOLDEN_COMMANDS = [
  '0100a9676174657761792d31a84162436445663031',
  '96cd012cb649414542415145424151454241514542415145424151a3616e6e92a74151414141414502ce9abc',
  'def082a46b696e64ac73656e645f6d657373616765a474657874a45a6fc3ab',
  '9693a167a16201b649414542415145424151454241514542415145424151a3616e6eab414141414141414141',
  '4141ce9abcdef082a46b696e64ac73656e645f6d657373616765a474657874a45a6fc3ab',
  '99c0b649414542415145424151454241514542415145424151a3616e6ec0ce9abcdef082a46b696e64ac7365',
  '6e645f6d657373616765a474657874a45a6fc3aba3626f62c382a4636f6465ab6e6f745f616c6c6f776564a7',
  '6d657373616765a26e6f',
].join('')
const GOLDEN_EPOCH = [
  '0101a76f776e65722d310183b6636c69656e74734d617943726561746547726f757073c3b3686973746f7279',
  '466f724e6577636f6d657273c2b36572617365426c616e6b734d65737361676573c3',
].join('')

function record(entries: readonly LogEntry[]): Uint8Array {
  return formatCommands(
    formatCommandsHead(origin),
    entries.map((entry) => formatEntry(entry, origin)),
  )
}

test('records of known commands never change', () => {
  const entries = [plain, fromElsewhere, refused]
  assert.equal(hexOf(record(entries)), GOLDEN_COMMANDS)
  const bytes = 3 * 256 + 2 * bytesOf(GOLDEN_COMMANDS).length
  assert.deepEqual(parseLogRecord(bytesOf(GOLDEN_COMMANDS), place), {
    ...{ kind: 'commands', ...place, entries, bytes },
  })
})

test('the record of a known epoch never changes', () => {
  assert.equal(hexOf(formatEpoch(epoch)), GOLDEN_EPOCH)
  assert.deepEqual(parseLogRecord(bytesOf(GOLDEN_EPOCH), place), { kind: 'epoch', ...place, epoch })
})

test('whatever is put into a record is found in it', () => {
  fc.assert(
    fc.property(fc.array(arbitraryEntry()), (entries) => {
      const read = parseLogRecord(record(entries), place)
      assert.ok(read.kind === 'commands')
      assert.deepEqual(read.entries.map(withoutAbsent), entries.map(withoutAbsent))
    }),
  )
})

test('a newer version, an unknown kind and damaged bytes are broken', () => {
  const whole = record([plain, refused])
  const wrong = [
    Uint8Array.of(),
    Uint8Array.of(1),
    whole.with(0, 2),
    whole.with(1, 2),
    whole.subarray(0, whole.length - 1),
    formatEpoch(epoch).with(1, 0),
    whole.with(1, 1),
    // An entry that is no array.
    Buffer.concat([whole, Uint8Array.of(7)]),
  ]
  for (const bytes of wrong) assert.deepEqual(parseLogRecord(bytes, place), broken)
})

test('no bytes make reading throw', () => {
  const whole = record([plain, fromElsewhere, refused])
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      for (const kind of [0, 1]) parseLogRecord(Buffer.from([1, kind, ...bytes]), place)
    }),
  )
  fc.assert(
    fc.property(fc.nat(whole.length - 1), fc.nat(255), (at, byte) => {
      parseLogRecord(whole.with(at, byte), place)
    }),
    { numRuns: 2_000 },
  )
})

function arbitraryEntry(): fc.Arbitrary<LogEntry> {
  const ticket = fc.maxSafeNat()
  const answerTo: fc.Arbitrary<AnswerAddress | undefined> = fc.oneof(
    ticket.map((number) => ({ ...origin, ticket: number })),
    ticket.map((number) => ({ gatewayId: 'other', bootId: origin.bootId, ticket: number })),
    fc.constant(undefined),
  )
  const more = fc.constantFrom({}, { to: PEOPLE[1] }, { byServer: false }, { byServer: true })
  return fc
    .tuple(arbitraryKey, arbitraryContent, more, answerTo)
    .map(([key, content, extra, address]) => ({
      command: commandOf(idOf('group', 2), 'ann', key, content, extra),
      answerTo: address,
    }))
}

/** Fields that are undefined are absent in the log. */
function withoutAbsent(entry: LogEntry): unknown {
  return JSON.parse(JSON.stringify(entry))
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

function bytesOf(hex: string): Uint8Array {
  return Buffer.from(hex, 'hex')
}
