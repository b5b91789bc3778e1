import { ChatError, LIMITS, TIMES, newOutboxId } from '@satchel/protocol'
import type { CommandId, CommandResult, ConversationId, RequestedCommand } from '@satchel/protocol'
import type { CommandTarget } from './command-target.ts'
import type { Unsubscribe } from './emitter.ts'
import type { ForwardedFile } from './forward-attachment.ts'
import { ForwardLine } from './forward-line.ts'
import type { OutboxDeps } from './outbox-deps.ts'
import type { StoredCommand, StoredOutbox } from './outbox-entries.ts'
import { commandKey, createOutboxItem, toQueued } from './outbox-item.ts'
import type { OutboxItem, QueuedCommand } from './outbox-item.ts'
import { RetryHold } from './retry-hold.ts'
import { toChatError } from './to-chat-error.ts'

/** With so many without a final answer a caller is refused rather than put at the end of the line. */
const ITEMS_MAX = 1_000

/**
 * The line of commands to one conversation. Each has one command id for ever, goes out in order, and
 * is sent again until it has its final answer: after a reconnect, after a refusal that may pass, and
 * when it is not answered in time. The server applies each once.
 */
export class Outbox {
  readonly #deps: OutboxDeps
  readonly #hold: RetryHold
  readonly #forwardLine: ForwardLine
  #target: CommandTarget
  #outbox = newOutboxId()
  #lastCounter = 0
  #lastPlace = 0
  /** What has no final answer, in order. The first `#sentCount` of them are on their way. */
  #items: OutboxItem[] = []
  #sentCount = 0
  /** The next one to be sent is the first after a reconnect or a refusal. */
  #isRestart = true
  #isStarted = false
  #closedWith: ChatError | undefined
  #cancelResend: Unsubscribe = () => undefined

  constructor(deps: OutboxDeps, target: CommandTarget) {
    this.#deps = deps
    this.#target = target
    this.#hold = new RetryHold(deps.clock, deps.random)
    this.#forwardLine = new ForwardLine(deps.connection)
  }

  get isUnused(): boolean {
    return this.#lastCounter === 0
  }

  /** Puts aside again what has no answer, for a storage that was not there before. */
  async keepAll(): Promise<void> {
    for (const item of [...this.#items]) {
      // Meanwhile it may have its answer, or another id.
      if (item.command === undefined || !this.#items.includes(item)) continue
      await this.#putAside({ ...item, command: item.command })
    }
  }

  /** The direct conversation that `to` stands for is known from now on. */
  bind(conversationId: ConversationId): void {
    this.#target = { conversationId }
  }

  /** Continues a stored outbox. Only for one that was not used. */
  restore(stored: StoredOutbox): readonly QueuedCommand[] {
    this.#outbox = stored.outbox
    this.#lastCounter = stored.lastCounter
    for (const { commandId, command, queuedAtMs, forwards } of stored.commands) {
      this.#lastCounter = Math.max(this.#lastCounter, commandId.counter)
      const item = createOutboxItem(++this.#lastPlace, commandId, command, queuedAtMs, forwards)
      item.isReady = forwards.length === 0
      this.#items.push(item)
      if (!item.isReady) this.#keep(item)
    }
    this.#pump()
    return this.#items.map(toQueued)
  }

  /**
   * Puts a command at the end of the line. One given as a promise keeps its place while it is being
   * prepared, and so does one that has files of other messages, until they are forwarded; what comes behind
   * it waits; should that fail, it leaves the line with that error.
   */
  add(
    command: RequestedCommand | Promise<RequestedCommand>,
    forwards: readonly ForwardedFile[] = [],
  ): QueuedCommand {
    if (this.#closedWith !== undefined) throw this.#closedWith
    if (this.#items.length >= ITEMS_MAX) {
      const message = `more than ${String(ITEMS_MAX)} commands to the conversation have no answer`
      throw new ChatError('rate_limited', message, { limit: ITEMS_MAX })
    }
    const known = command instanceof Promise ? undefined : command
    const nowMs = this.#deps.clock.now()
    const item = createOutboxItem(++this.#lastPlace, this.#nextCommandId(), known, nowMs, forwards)
    this.#items.push(item)
    if (command instanceof Promise) this.#prepare(item, command)
    else this.#keep(item)
    return toQueued(item)
  }

  /** A session begins: everything without a final answer goes out again, in order. */
  start(): void {
    this.#hold.release()
    this.#hold.calm()
    this.#rewind(0)
    this.#isStarted = true
    this.#pump()
  }

  /** The session is over. */
  stop(): void {
    this.#isStarted = false
    this.#hold.release()
    this.#cancelResend()
  }

  /** An event of this device says that the command was applied; its answer may still be on its way. */
  confirm(commandId: CommandId, result: CommandResult): string | undefined {
    const key = commandKey(commandId)
    const item = this.#items.find((candidate) => commandKey(candidate.commandId) === key)
    if (item === undefined) return undefined
    this.#finish(item)
    item.answer.resolve(result)
    return item.key
  }

  /** Nothing is sent or taken any more; what has no answer is rejected, and stays in the storage. */
  close(error: ChatError): void {
    this.stop()
    this.#closedWith = error
    for (const { answer } of this.#items.splice(0)) answer.reject(error)
  }

  #nextCommandId(): CommandId {
    if (this.#lastCounter >= LIMITS.outboxCounterMax) this.#startNewOutbox()
    return { outbox: this.#outbox, counter: ++this.#lastCounter }
  }

  #startNewOutbox(): void {
    this.#outbox = newOutboxId()
    this.#lastCounter = 0
  }

  #prepare(item: OutboxItem, command: Promise<RequestedCommand>): void {
    command.then(
      (prepared) => {
        item.command = prepared
        this.#keep(item)
      },
      (error: unknown) => {
        this.#giveUp(item, error)
      },
    )
  }

  #keep(item: OutboxItem): void {
    const { command, commandId, queuedAtMs, forwards } = item
    if (command === undefined) return
    const ready = (): void => {
      // Meanwhile it may have taken another id, and is being put aside under that.
      if (item.commandId !== commandId) return
      item.isReady = true
      this.#pump()
    }
    this.#putAside({ commandId, command, queuedAtMs, forwards })
      .catch(() => undefined)
      .then(() => this.#forwardLine.add(forwards, this.#target))
      .then(ready, (error: unknown) => {
        this.#giveUp(item, error)
      })
  }

  #giveUp(item: OutboxItem, error: unknown): void {
    if (!this.#items.includes(item)) return
    this.#finish(item)
    item.answer.reject(toChatError(error, 'internal', 'the command could not be prepared'))
  }

  #putAside(command: StoredCommand): Promise<void> {
    const { outbox, counter } = command.commandId
    const lastCounter = outbox === this.#outbox ? this.#lastCounter : counter
    const usedAtMs = this.#deps.clock.now()
    const line = { outbox, target: this.#target, lastCounter, usedAtMs }
    return this.#deps.keeper.keep(line, command)
  }

  #pump(): void {
    while (this.#isStarted && !this.#hold.isHeld) {
      const item = this.#items[this.#sentCount]
      if (item?.command === undefined || !this.#maySend(item)) break
      this.#send(item, item.command)
    }
    this.#watchOldest()
  }

  #maySend(item: OutboxItem): boolean {
    const oldest = this.#items[0]
    if (!item.isReady || oldest === undefined) return false
    // A new outbox starts when all of the old one has its final answers: order would not hold otherwise.
    if (item.commandId.outbox !== oldest.commandId.outbox) return false
    return item.commandId.counter < oldest.commandId.counter + LIMITS.answersPerOutbox
  }

  #send(item: OutboxItem, command: RequestedCommand): void {
    const { connection, clock } = this.#deps
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

  #onRefusal(item: OutboxItem, attempt: number, error: ChatError): void {
    const index = this.#items.indexOf(item)
    if (index < 0) return
    if (error.retryable || error.code === 'token_expired') {
      // Refused because an earlier one was, or an attempt that has been repeated since: already dealt with.
      if (attempt !== item.attempt || index >= this.#sentCount) return
      if (error.code === 'token_expired') this.#deps.connection.renewToken()
      this.#rewind(index)
      this.#hold.hold(error, () => {
        this.#pump()
      })
      return
    }
    if (error.code === 'outbox_conflict') {
      this.#moveToNewOutbox(item)
      return
    }
    if (error.code === 'too_late') this.#moveToNewOutbox(undefined)
    this.#finish(item)
    item.answer.reject(error)
  }

  /** From `index` on everything goes out again. */
  #rewind(index: number): void {
    this.#sentCount = Math.min(this.#sentCount, index)
    this.#isRestart = true
  }

  /** This outbox is of no more use: `conflicting` and all that is not on its way take ids of a new one. */
  #moveToNewOutbox(conflicting: OutboxItem | undefined): void {
    const onTheWay = this.#items.slice(0, this.#sentCount).filter((item) => item !== conflicting)
    // Several may conflict, one after the other: they keep the order in which they were said.
    const rest = this.#items
      .filter((item) => !onTheWay.includes(item))
      .sort((one, other) => one.place - other.place)
    this.#items = [...onTheWay, ...rest]
    this.#sentCount = onTheWay.length
    this.#startNewOutbox()
    for (const item of rest) {
      this.#deps.keeper.forget(item.commandId)
      item.commandId = this.#nextCommandId()
      item.isReady = false
      this.#keep(item)
    }
    this.#pump()
  }

  #finish(item: OutboxItem): void {
    this.#deps.keeper.forget(item.commandId)
    this.#hold.calm()
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
    const delayMs = Math.max(oldest.dueAtMs - this.#deps.clock.now(), 0)
    this.#cancelResend = this.#deps.clock.setTimer(delayMs, () => {
      this.#rewind(0)
      this.#pump()
    })
  }
}
