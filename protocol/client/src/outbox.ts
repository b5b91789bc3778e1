import { ChatError, ERROR_CODES, LIMITS, TIMES, newOutboxId } from '@satchel/protocol'
import type { CommandId, CommandResult, ConversationId, RequestedCommand } from '@satchel/protocol'
import { fullJitterMs } from './back-off.ts'
import type { Clock } from './clock.ts'
import type { CommandTarget } from './command-target.ts'
import type { Connection } from './connection.ts'
import { createDeferred } from './deferred.ts'
import type { Deferred } from './deferred.ts'
import type { Unsubscribe } from './emitter.ts'
import type { StoredCommand, StoredOutbox } from './outbox-entries.ts'
import { commandKey } from './timeline.ts'

/** What an outbox puts aside so that a reload finds it. Failures are the keeper's affair. */
export interface CommandKeeper {
  /** Settles when the command may be sent. */
  keep(outbox: Omit<StoredOutbox, 'commands'>, command: StoredCommand): Promise<void>
  forget(commandId: CommandId): void
}

export interface OutboxDependencies {
  readonly connection: Pick<Connection, 'ask' | 'renewToken'>
  readonly clock: Clock
  readonly random: () => number
  readonly keeper: CommandKeeper
}

/** A command in the line. */
export interface QueuedCommand {
  /** Names it from here on, even when it has to take another command id. */
  readonly key: string
  readonly command: RequestedCommand | undefined
  readonly queuedAtMs: number
  /** Settles with the final answer. */
  readonly result: Promise<CommandResult>
}

interface Item {
  readonly key: string
  readonly queuedAtMs: number
  readonly answer: Deferred<CommandResult>
  commandId: CommandId
  /** Absent while it waits for what it refers to, such as an upload that has not begun. */
  command: RequestedCommand | undefined
  /** May be sent: complete, and kept. */
  isReady: boolean
  /** How often it was sent; answers to earlier attempts that may pass are out of date. */
  attempt: number
  /** Asked for again when there is no final answer by then. */
  dueAtMs: number
}

/** Without a final answer for this long a caller is refused rather than put at the end of the line. */
const ITEMS_MAX = 1_000
const DEFAULT_RETRY_MS = 500
const RETRY_JITTER = { baseMs: 250, capMs: 15_000 }

/**
 * The line of commands to one conversation. Each has one command id for ever, goes out in order, and
 * is sent again until it has its final answer: after a reconnect, after a refusal that may pass, and
 * when an accepted one is not answered in time. The server applies each once.
 */
export class Outbox {
  readonly #dependencies: OutboxDependencies
  #target: CommandTarget
  #outbox = newOutboxId()
  #lastCounter = 0
  /** What has no final answer, in order. The first `#sentCount` of them are on their way. */
  #items: Item[] = []
  #sentCount = 0
  /** The next one to be sent is the first after a reconnect or a refusal. */
  #isRestart = true
  #refusals = 0
  #isStarted = false
  #cancelHold: Unsubscribe | undefined
  #cancelResend: Unsubscribe = () => undefined

  constructor(dependencies: OutboxDependencies, target: CommandTarget) {
    this.#dependencies = dependencies
    this.#target = target
  }

  get isUnused(): boolean {
    return this.#lastCounter === 0
  }

  get isEmpty(): boolean {
    return this.#items.length === 0
  }

  /** Puts aside again what has no answer, for a storage that was not there before. */
  async keepAll(): Promise<void> {
    await Promise.all(
      this.#items.map(({ commandId, command, queuedAtMs }) =>
        command === undefined ? undefined : this.#putAside({ commandId, command, queuedAtMs }),
      ),
    )
  }

  /** The direct conversation that `to` stands for is known from now on. */
  bind(conversationId: ConversationId): void {
    this.#target = { conversationId }
  }

  /** Continues a stored outbox. Only for one that was not used. */
  restore(stored: StoredOutbox): readonly QueuedCommand[] {
    this.#outbox = stored.outbox
    this.#lastCounter = stored.lastCounter
    for (const { commandId, command, queuedAtMs } of stored.commands) {
      this.#lastCounter = Math.max(this.#lastCounter, commandId.counter)
      this.#items.push(createItem(commandId, command, queuedAtMs, true))
    }
    this.#pump()
    return this.#items.map(toQueued)
  }

  /**
   * Puts a command at the end of the line. One given as a promise keeps its place while it is being
   * prepared; what comes behind it waits; should it reject, it leaves the line with that error.
   */
  add(command: RequestedCommand | Promise<RequestedCommand>): QueuedCommand {
    if (this.#items.length >= ITEMS_MAX) {
      const message = `more than ${String(ITEMS_MAX)} commands to the conversation have no answer`
      throw new ChatError('rate_limited', message, { limit: ITEMS_MAX })
    }
    const now = this.#dependencies.clock.now()
    const known = command instanceof Promise ? undefined : command
    const item = createItem(this.#nextCommandId(), known, now, false)
    this.#items.push(item)
    if (command instanceof Promise) {
      command.then(
        (prepared) => {
          item.command = prepared
          this.#keep(item)
        },
        (error: unknown) => {
          this.#leave(item)
          item.answer.reject(asChatError(error))
        },
      )
    } else {
      this.#keep(item)
    }
    return toQueued(item)
  }

  /** A session begins: everything without a final answer goes out again, in order. */
  start(): void {
    this.#releaseHold()
    this.#refusals = 0
    this.#rewind(0)
    this.#isStarted = true
    this.#pump()
  }

  /** The session is over. */
  stop(): void {
    this.#isStarted = false
    this.#releaseHold()
    this.#cancelResend()
    this.#rewind(0)
  }

  /** An event of this device says that the command was applied; its answer may still be on its way. */
  confirm(commandId: CommandId, result: CommandResult): string | undefined {
    const item = this.#items.find(
      (candidate) =>
        candidate.commandId.counter === commandId.counter &&
        candidate.commandId.outbox === commandId.outbox,
    )
    if (item === undefined) return undefined
    this.#finish(item)
    item.answer.resolve(result)
    return item.key
  }

  /** Nothing is sent any more; what has no answer is rejected, and stays in the storage. */
  close(error: ChatError): void {
    this.stop()
    const items = this.#items
    this.#items = []
    for (const item of items) item.answer.reject(error)
  }

  #nextCommandId(): CommandId {
    if (this.#lastCounter >= LIMITS.outboxCounterMax) this.#startNewOutbox()
    return { outbox: this.#outbox, counter: ++this.#lastCounter }
  }

  #startNewOutbox(): void {
    this.#outbox = newOutboxId()
    this.#lastCounter = 0
  }

  #keep(item: Item): void {
    const { command, commandId, queuedAtMs } = item
    if (command === undefined) return
    const ready = (): void => {
      if (item.commandId !== commandId) return
      item.isReady = true
      this.#pump()
    }
    this.#putAside({ commandId, command, queuedAtMs }).then(ready, ready)
  }

  #putAside(command: StoredCommand): Promise<void> {
    const { outbox, counter } = command.commandId
    const lastCounter = outbox === this.#outbox ? this.#lastCounter : counter
    const usedAtMs = this.#dependencies.clock.now()
    const line = { outbox, target: this.#target, lastCounter, usedAtMs }
    return this.#dependencies.keeper.keep(line, command)
  }

  #pump(): void {
    while (this.#isStarted && this.#cancelHold === undefined) {
      const item = this.#items[this.#sentCount]
      if (item === undefined || item.command === undefined || !this.#maySend(item)) break
      this.#send(item, item.command)
    }
    this.#watchOldest()
  }

  #maySend(item: Item): boolean {
    const oldest = this.#items[0]
    if (!item.isReady || oldest === undefined) return false
    // A new outbox starts when everything in the old one has its final answer: order would not hold otherwise.
    if (item.commandId.outbox !== oldest.commandId.outbox) return false
    return item.commandId.counter < oldest.commandId.counter + LIMITS.answersPerOutbox
  }

  #send(item: Item, command: RequestedCommand): void {
    const { connection, clock } = this.#dependencies
    const attempt = ++item.attempt
    const restart = this.#isRestart ? true : undefined
    this.#isRestart = false
    this.#sentCount++
    item.dueAtMs = clock.now() + TIMES.resendAfterMs
    connection.ask(
      { type: 'command', commandId: item.commandId, command, restart, ...this.#target },
      {
        onResult: (result) => {
          this.#finish(item)
          item.answer.resolve(result)
        },
        onError: (error) => {
          this.#onRefusal(item, attempt, error)
        },
        onAccepted: () => {
          item.dueAtMs = clock.now() + TIMES.resendAfterMs
          this.#watchOldest()
        },
      },
    )
  }

  #onRefusal(item: Item, attempt: number, error: ChatError): void {
    const index = this.#items.indexOf(item)
    if (index < 0) return
    if (error.retryable || error.code === 'token_expired') {
      // Refused because an earlier one was, or an attempt that has been repeated since: already dealt with.
      if (attempt !== item.attempt || index >= this.#sentCount) return
      if (error.code === 'token_expired') this.#dependencies.connection.renewToken()
      this.#rewind(index)
      this.#hold(error)
      return
    }
    if (error.code === 'outbox_conflict') {
      this.#moveToNewOutbox(item)
      return
    }
    this.#finish(item)
    item.answer.reject(error)
    if (error.code === 'too_late') this.#moveToNewOutbox(undefined)
  }

  /** From `index` on everything goes out again. */
  #rewind(index: number): void {
    this.#sentCount = Math.min(this.#sentCount, index)
    this.#isRestart = true
  }

  #hold(error: ChatError): void {
    const entry = ERROR_CODES[error.code]
    const defaultMs = 'defaultDelayMs' in entry ? entry.defaultDelayMs : DEFAULT_RETRY_MS
    const delayMs =
      (error.details.retryAfterMs ?? defaultMs) +
      fullJitterMs(RETRY_JITTER, this.#refusals++, this.#dependencies.random)
    this.#releaseHold()
    this.#cancelHold = this.#dependencies.clock.setTimer(delayMs, () => {
      this.#releaseHold()
      this.#pump()
    })
  }

  #releaseHold(): void {
    this.#cancelHold?.()
    this.#cancelHold = undefined
  }

  /** This outbox is of no more use: `conflicting` and all that is not on its way take ids of a new one. */
  #moveToNewOutbox(conflicting: Item | undefined): void {
    const onTheWay = this.#items.slice(0, this.#sentCount).filter((item) => item !== conflicting)
    const rest = this.#items.filter((item) => !onTheWay.includes(item))
    this.#items = [...onTheWay, ...rest]
    this.#sentCount = onTheWay.length
    this.#isRestart ||= conflicting !== undefined
    this.#startNewOutbox()
    for (const item of rest) {
      this.#dependencies.keeper.forget(item.commandId)
      item.commandId = this.#nextCommandId()
      item.isReady = false
      this.#keep(item)
    }
    this.#pump()
  }

  #finish(item: Item): void {
    this.#dependencies.keeper.forget(item.commandId)
    this.#refusals = 0
    this.#leave(item)
  }

  #leave(item: Item): void {
    const index = this.#items.indexOf(item)
    if (index < 0) return
    this.#items.splice(index, 1)
    if (index < this.#sentCount) this.#sentCount--
    this.#pump()
  }

  /** One timer for all: whatever else waits behind the oldest is asked for again together with it. */
  #watchOldest(): void {
    this.#cancelResend()
    const oldest = this.#items[0]
    if (oldest === undefined || this.#sentCount === 0) return
    const delayMs = Math.max(oldest.dueAtMs - this.#dependencies.clock.now(), 0)
    this.#cancelResend = this.#dependencies.clock.setTimer(delayMs, () => {
      this.#rewind(0)
      this.#pump()
    })
  }
}

function createItem(
  commandId: CommandId,
  command: RequestedCommand | undefined,
  queuedAtMs: number,
  isReady: boolean,
): Item {
  const answer = createDeferred<CommandResult>()
  const key = commandKey(commandId)
  return { key, queuedAtMs, answer, commandId, command, isReady, attempt: 0, dueAtMs: 0 }
}

function toQueued({ key, command, queuedAtMs, answer }: Item): QueuedCommand {
  return { key, command, queuedAtMs, result: answer.promise }
}

function asChatError(error: unknown): ChatError {
  if (error instanceof ChatError) return error
  return new ChatError('internal', 'the command could not be prepared', { cause: error })
}
