import {
  ChatError,
  LIMITS,
  attachment,
  attachmentId,
  attachmentOfMessage,
  parseOutboxId,
  parseUserId,
  requestedCommand,
  schema,
} from '@satchel/protocol'
import type { CommandId, OutboxId, RequestedCommand, UserId } from '@satchel/protocol'
import { formatTarget, parseTarget } from './command-target.ts'
import type { CommandTarget } from './command-target.ts'
import type { ForwardedFile } from './forward-attachment.ts'
import type { StoredEntry } from './storage.ts'

/** A command that had no final answer when its page was left. */
export interface StoredCommand {
  readonly commandId: CommandId
  readonly command: RequestedCommand
  readonly queuedAtMs: number
  readonly forwards: readonly ForwardedFile[]
}

/** An outbox as it was when its page was left. */
export interface StoredOutbox {
  readonly outbox: OutboxId
  readonly target: CommandTarget
  /** The highest counter it may have used. */
  readonly lastCounter: number
  readonly usedAtMs: number
  /** By counter. */
  readonly commands: readonly StoredCommand[]
}

const OUTBOX_PREFIX = 'outbox/'
const COMMAND_PREFIX = 'command/'

export function outboxKey(outbox: OutboxId): string {
  return `${OUTBOX_PREFIX}${outbox}`
}

export function commandEntryKey({ outbox, counter }: CommandId): string {
  return `${COMMAND_PREFIX}${outbox}/${String(counter)}`
}

export function outboxEntry(userId: UserId, stored: Omit<StoredOutbox, 'commands'>): StoredEntry {
  const { outbox, target, lastCounter, usedAtMs } = stored
  return {
    key: outboxKey(outbox),
    value: { userId, target: formatTarget(target), lastCounter, usedAtMs },
  }
}

export function commandEntry(stored: StoredCommand): StoredEntry {
  const { commandId, command, queuedAtMs, forwards } = stored
  return {
    key: commandEntryKey(commandId),
    // As text: the entry's form does not depend on what a command is made of.
    value: {
      command: JSON.stringify(requestedCommand.format(command, 'json')),
      queuedAtMs,
      ...(forwards.length === 0
        ? {}
        : { forwards: JSON.stringify(forwardedFiles.format(forwards, 'json')) }),
    },
  }
}

const outboxRow = schema.map({
  userId: schema.parsedText('user id', parseUserId),
  target: schema.json(1_024),
  lastCounter: schema.integer(0),
  usedAtMs: schema.integer(0),
})
const commandRow = schema.map({
  command: schema.text(65_536),
  queuedAtMs: schema.integer(0),
  forwards: schema.optional(schema.text(262_144)),
})
const forwardedFiles = schema.list(
  schema.map({ attachmentId, from: attachmentOfMessage, source: attachment }),
  LIMITS.attachmentsPerMessage,
)

/** The outboxes of `userId` among these entries; what cannot be read is left out. */
export function parseStoredOutboxes(
  entries: readonly StoredEntry[],
  userId: UserId,
): readonly StoredOutbox[] {
  const commands = new Map<string, StoredCommand[]>()
  for (const entry of entries) {
    const command = parseCommandEntry(entry)
    if (command === undefined) continue
    const { outbox } = command.commandId
    commands.set(outbox, [...(commands.get(outbox) ?? []), command])
  }
  return entries.flatMap((entry) => {
    const outbox = parseOutboxId(entry.key.slice(OUTBOX_PREFIX.length))
    if (!entry.key.startsWith(OUTBOX_PREFIX) || outbox === undefined) return []
    const row = readable(() => outboxRow.parse(entry.value, 'json'))
    const target = row === undefined ? undefined : parseTarget(row.target)
    if (row === undefined || target === undefined || row.userId !== userId) return []
    const own = (commands.get(outbox) ?? []).sort(
      (a, b) => a.commandId.counter - b.commandId.counter,
    )
    const { lastCounter, usedAtMs } = row
    return [{ outbox, target, lastCounter, usedAtMs, commands: own }]
  })
}

function parseCommandEntry({ key, value }: StoredEntry): StoredCommand | undefined {
  if (!key.startsWith(COMMAND_PREFIX)) return undefined
  const [outboxText = '', counterText = ''] = key.slice(COMMAND_PREFIX.length).split('/')
  const outbox = parseOutboxId(outboxText)
  const counter = Number(counterText)
  if (outbox === undefined || !Number.isSafeInteger(counter) || counter < 1) return undefined
  return readable(() => {
    const row = commandRow.parse(value, 'json')
    const command = requestedCommand.parse(JSON.parse(row.command), 'json')
    const forwards = forwardedFiles.parse(JSON.parse(row.forwards ?? '[]'), 'json')
    return { commandId: { outbox, counter }, command, queuedAtMs: row.queuedAtMs, forwards }
  })
}

function readable<Value>(read: () => Value): Value | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof ChatError || error instanceof SyntaxError) return undefined
    throw error
  }
}
