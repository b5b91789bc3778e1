import type { ConversationId, ErrorCode, OutboxId, UserId } from '@satchel/protocol'
import { Packr } from 'msgpackr'
import type { Command, CommandContent, CommandKey } from '../../domain/command.ts'
import type { RulesSettings } from '../../domain/decision.ts'
import type { AnswerAddress, Epoch, LogEntry, LogRecord } from '../../ports/command-log.ts'

/** The newest format this program reads, and the one it writes. */
export const LOG_RECORD_VERSION = 1

// A record: version (1 byte), kind (1 byte), then MessagePack values one after another. Of commands: the
// appending gateway's id and boot id, then an array per command; of an epoch: owner, rules version, settings.
const HEADER_BYTES = 2
/** What a command takes in memory beside its texts. */
const ENTRY_MEMORY_BYTES = 256
const KIND = { commands: 0, epoch: 1 } as const

// Fields that are absent are left out. `skipValues` is an option of the encoder that its typing forgot.
const options = {
  useRecords: false,
  mapsAsObjects: true,
  skipValues: [undefined],
}
const packr = new Packr(options)

/** Who appends: most commands' answers go there, and then their records name only the ticket. */
export type RecordOrigin = Omit<AnswerAddress, 'ticket'>

/** Where a record lies, and when the log took it. */
export interface RecordPlace {
  readonly generation: number
  readonly record: number
  readonly timeMs: number
}

/** One command, as `formatCommands` puts it into a record of this origin. */
export function formatEntry({ command, answerTo }: LogEntry, origin: RecordOrigin): Uint8Array {
  const { conversationId, authorId, key, contentHash, content, to, byServer, refusal } = command
  const answer = formatAnswerAddress(answerTo, origin)
  const values: unknown[] = [answer, conversationId, authorId, formatKey(key), contentHash, content]
  // An array, not a map with field names: half the bytes, and half the time on either end.
  if (to !== undefined || byServer !== undefined || refusal !== undefined)
    values.push(to ?? null, byServer ?? null, refusal ?? null)
  return packr.pack(values)
}

/** What every record of commands from one origin begins with. */
export function formatCommandsHead({ gatewayId, bootId }: RecordOrigin): Uint8Array {
  return Buffer.concat([header(KIND.commands), packr.pack(gatewayId), packr.pack(bootId)])
}

export function formatCommands(head: Uint8Array, entries: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat([head, ...entries])
}

export function formatEpoch({ ownerId, rulesVersion, settings }: Epoch): Uint8Array {
  const values = [ownerId, rulesVersion, settings].map((value) => packr.pack(value))
  return Buffer.concat([header(KIND.epoch), ...values])
}

/** Never throws: what cannot be read is `broken`, whether it is newer than this program or damaged. */
export function parseLogRecord(bytes: Uint8Array, place: RecordPlace): LogRecord {
  const { generation, record } = place
  try {
    if (bytes[0] === LOG_RECORD_VERSION) return parseBody(bytes, place)
  } catch {
    // Said below.
  }
  return { kind: 'broken', generation, record, reason: 'unknown_version' }
}

function parseBody(bytes: Uint8Array, place: RecordPlace): LogRecord {
  const values = packr.unpackMultiple(bytes.subarray(HEADER_BYTES)) as unknown[]
  switch (bytes[1]) {
    case KIND.commands: {
      const entries = parseEntries(values)
      const memoryBytes = entries.length * ENTRY_MEMORY_BYTES + 2 * bytes.length
      return { kind: 'commands', ...place, entries, bytes: memoryBytes }
    }
    case KIND.epoch:
      return { kind: 'epoch', ...place, epoch: parseEpoch(values) }
    default:
      throw new TypeError('unknown kind')
  }
}

function header(kind: number): Uint8Array {
  return Uint8Array.of(LOG_RECORD_VERSION, kind)
}

/** A ticket at the origin itself, or the whole address of somebody else. */
function formatAnswerAddress(address: AnswerAddress | undefined, origin: RecordOrigin): unknown {
  if (address === undefined) return null
  const { gatewayId, bootId, ticket } = address
  const atOrigin = gatewayId === origin.gatewayId && bootId === origin.bootId
  return atOrigin ? ticket : [gatewayId, bootId, ticket]
}

function formatKey(key: CommandKey): unknown {
  switch (key.kind) {
    case 'outbox':
      return [key.outbox, key.counter]
    case 'idempotency':
      return key.hash
    case 'none':
      return null
    default:
      return key satisfies never
  }
}

function parseEntries([gatewayId, bootId, ...entries]: readonly unknown[]): readonly LogEntry[] {
  const origin = { gatewayId: requireText(gatewayId), bootId: requireText(bootId) }
  return entries.map((entry) => parseEntry(requireList(entry), origin))
}

function parseEntry(values: readonly unknown[], origin: RecordOrigin): LogEntry {
  const [answer, conversationId, authorId, key, contentHash, content, to, byServer, refusal] =
    values
  const command: { -readonly [Field in keyof Command]: Command[Field] } = {
    conversationId: requireText(conversationId) as ConversationId,
    authorId: requireText(authorId) as UserId,
    key: parseKey(key),
    contentHash: requireNumber(contentHash),
    content: requireMap(content) as unknown as CommandContent,
  }
  if (isPresent(to)) command.to = requireText(to) as UserId
  if (isPresent(byServer)) command.byServer = byServer === true
  if (isPresent(refusal)) command.refusal = parseRefusal(requireMap(refusal))
  return { command, answerTo: parseAnswerAddress(answer, origin) }
}

function parseAnswerAddress(value: unknown, origin: RecordOrigin): AnswerAddress | undefined {
  if (value === null) return undefined
  if (typeof value === 'number') return { ...origin, ticket: value }
  const [gatewayId, bootId, ticket] = requireList(value)
  return {
    gatewayId: requireText(gatewayId),
    bootId: requireText(bootId),
    ticket: requireNumber(ticket),
  }
}

function parseKey(value: unknown): CommandKey {
  if (value === null) return { kind: 'none' }
  if (typeof value === 'string') return { kind: 'idempotency', hash: value }
  const [outbox, counter] = requireList(value)
  return {
    kind: 'outbox',
    outbox: requireText(outbox) as OutboxId,
    counter: requireNumber(counter),
  }
}

function parseRefusal({ code, message }: Values): Command['refusal'] {
  return { code: requireText(code) as ErrorCode, message: requireText(message) }
}

function parseEpoch([ownerId, rulesVersion, settings]: readonly unknown[]): Epoch {
  return {
    ownerId: requireText(ownerId),
    rulesVersion: requireNumber(rulesVersion),
    settings: requireMap(settings) as unknown as RulesSettings,
  }
}

function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null
}

function requireText(value: unknown): string {
  if (typeof value !== 'string') throw new TypeError('expected text')
  return value
}

function requireNumber(value: unknown): number {
  if (typeof value !== 'number') throw new TypeError('expected a number')
  return value
}

function requireList(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new TypeError('expected an array')
  return value
}

type Values = Readonly<Record<string, unknown>>

function requireMap(value: unknown): Values {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new TypeError('expected a map')
  return value as Values
}
