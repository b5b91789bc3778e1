import type { ChatError, CommandId, CommandResult, ConversationId, UserId } from '@satchel/protocol'
import type { Clock } from './clock.ts'
import { targetKey } from './command-target.ts'
import type { CommandTarget } from './command-target.ts'
import type { Connection } from './connection.ts'
import {
  commandEntry,
  commandEntryKey,
  outboxEntry,
  outboxKey,
  parseStoredOutboxes,
} from './outbox-entries.ts'
import type { StoredCommand, StoredOutbox } from './outbox-entries.ts'
import { Outbox } from './outbox.ts'
import type { QueuedCommand } from './outbox-item.ts'
import type { OwnedStorage } from './owned-storage.ts'
import type { StoredEntry } from './storage.ts'

export interface OutboxesDeps {
  readonly connection: Connection
  readonly storage: OwnedStorage
  readonly clock: Clock
  readonly random: () => number
  /** Commands of an earlier page are in the line again. */
  readonly onRestored: (target: CommandTarget, commands: readonly QueuedCommand[]) => void
}

/** An outbox that was not used for this long, or is not among the newest, is not continued. */
const OUTBOX_LIFE_MS = 30 * 24 * 3_600_000
const OUTBOXES_KEPT = 500

/** One outbox per conversation, through sessions and reloads. */
export class Outboxes {
  readonly #deps: OutboxesDeps
  readonly #byTarget = new Map<string, Outbox>()
  /** Found in the storage when the conversation already had one: only emptied. */
  readonly #drained: Outbox[] = []
  #userId: UserId | undefined
  #stored: readonly StoredEntry[] | undefined
  #isLive = false
  #maySend = false
  #closedWith: ChatError | undefined

  constructor(deps: OutboxesDeps) {
    this.#deps = deps
    const { connection, storage } = deps
    connection.on('live', (welcome) => {
      this.#userId = welcome.user.id
      this.#isLive = true
      void storage.settled.then(() => this.#begin())
    })
    connection.on('lost', () => {
      this.#isLive = false
      this.#maySend = false
      for (const outbox of this.#all()) outbox.stop()
    })
    storage.owned.then(
      (entries) => {
        this.#stored = entries
        return this.#begin()
      },
      () => undefined,
    )
  }

  of(target: CommandTarget): Outbox {
    const key = targetKey(target)
    const known = this.#byTarget.get(key)
    if (known !== undefined) return known
    const outbox = this.#create(target)
    this.#byTarget.set(key, outbox)
    if (this.#closedWith !== undefined) outbox.close(this.#closedWith)
    else if (this.#maySend) outbox.start()
    return outbox
  }

  /** The direct conversation with `peerId` is this one: both names lead to the same outbox. */
  bind(peerId: UserId, conversationId: ConversationId): void {
    const outbox = this.#byTarget.get(targetKey({ to: peerId }))
    if (outbox === undefined) return
    outbox.bind(conversationId)
    const key = targetKey({ conversationId })
    if (!this.#byTarget.has(key)) this.#byTarget.set(key, outbox)
  }

  /** An event says that one of these commands was applied: the key it went by, unless it had its answer. */
  confirm(commandId: CommandId, result: CommandResult): string | undefined {
    for (const outbox of this.#all()) {
      const key = outbox.confirm(commandId, result)
      if (key !== undefined) return key
    }
    return undefined
  }

  close(error: ChatError): void {
    this.#maySend = false
    this.#closedWith = error
    for (const outbox of this.#all()) outbox.close(error)
  }

  /** Whatever was stored comes first, then everything may be sent. */
  async #begin(): Promise<void> {
    const stored = this.#stored
    if (stored !== undefined && this.#userId !== undefined) {
      this.#stored = undefined
      this.#adopt(parseStoredOutboxes(stored, this.#userId))
      await Promise.all(this.#all().map((outbox) => outbox.keepAll()))
    }
    if (!this.#isLive || this.#maySend) return
    this.#maySend = true
    for (const outbox of this.#all()) outbox.start()
  }

  #adopt(stored: readonly StoredOutbox[]): void {
    const newestFirst = [...stored].sort((a, b) => b.usedAtMs - a.usedAtMs)
    const oldestMs = this.#deps.clock.now() - OUTBOX_LIFE_MS
    for (const [index, line] of newestFirst.entries()) {
      const known = this.#byTarget.get(targetKey(line.target))
      const isTaken = known !== undefined && !known.isUnused
      const isOver = isTaken || index >= OUTBOXES_KEPT || line.usedAtMs < oldestMs
      if (isOver && line.commands.length === 0) {
        this.#deps.storage.remove([outboxKey(line.outbox)])
      } else {
        this.#continue(line, isTaken)
      }
    }
  }

  #continue(line: StoredOutbox, isTaken: boolean): void {
    const outbox = isTaken ? this.#create(line.target) : this.of(line.target)
    if (isTaken) this.#drained.push(outbox)
    const commands = outbox.restore(line)
    if (this.#maySend) outbox.start()
    if (commands.length > 0) this.#deps.onRestored(line.target, commands)
  }

  #create(target: CommandTarget): Outbox {
    const { connection, clock, random } = this.#deps
    const keeper = {
      keep: (line: Omit<StoredOutbox, 'commands'>, command: StoredCommand) =>
        this.#keep(line, command),
      forget: (commandId: CommandId) => {
        this.#deps.storage.remove([commandEntryKey(commandId)])
      },
    }
    return new Outbox({ connection, clock, random, keeper }, target)
  }

  async #keep(line: Omit<StoredOutbox, 'commands'>, command: StoredCommand): Promise<void> {
    if (this.#userId === undefined) return
    const entries = [outboxEntry(this.#userId, line), commandEntry(command)]
    await this.#deps.storage.put(entries)
  }

  #all(): Outbox[] {
    return [...new Set([...this.#byTarget.values(), ...this.#drained])]
  }
}
