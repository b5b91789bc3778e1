import assert from 'node:assert/strict'
import { ChatError, newConversationId, newOutboxId, type OutboxId } from '@satchel/protocol'
import type { CommandContent } from '../../../src/domain/command.ts'
import type { CommandLog, LogEntry, LogRecord } from '../../../src/ports/command-log.ts'
import { ALICE } from '../../support/people.ts'

const CONVERSATION = newConversationId('group')

/**
 * Appends commands 1, 2, 3 … of one outbox, several at a time, and does as clients do: after a refusal it sends
 * again from the refused one on, perhaps through another gateway.
 */
export class ResendingSender {
  readonly conversationId = CONVERSATION
  readonly outbox: OutboxId = newOutboxId()
  /** Codes of refusals. */
  readonly refusals: string[] = []
  readonly #kept = new Set<number>()
  readonly #contentOf: (counter: number) => CommandContent
  #next = 1
  #isStopped = false

  constructor(
    contentOf: (counter: number) => CommandContent = () => ({
      kind: 'send_message',
      text: 'hello',
    }),
  ) {
    this.#contentOf = contentOf
  }

  /** Commands whose append has settled without a refusal at least once. */
  get kept(): ReadonlySet<number> {
    return this.#kept
  }

  entry(counter: number, text?: string): LogEntry {
    return {
      command: {
        conversationId: CONVERSATION,
        authorId: ALICE,
        key: { kind: 'outbox', outbox: this.outbox, counter },
        contentHash: counter,
        content: text === undefined ? this.#contentOf(counter) : { kind: 'send_message', text },
      },
      answerTo: undefined,
    }
  }

  /** Goes on up to the command with this number, until all are kept. `through`: a gateway's log, asked each time. */
  async send(upTo: number, through: () => CommandLog, window = 8): Promise<void> {
    while (this.#next <= upTo && !this.#isStopped) {
      const from = this.#next
      const length = Math.min(window, upTo - from + 1)
      const counters = Array.from({ length }, (_, index) => from + index)
      const log = through()
      const refused = await Promise.all(counters.map((counter) => this.#append(log, counter)))
      const firstRefused = refused.indexOf(true)
      this.#next = counters[firstRefused] ?? from + length
      if (firstRefused >= 0) await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  /** For a test that has failed: its process would not end. */
  stop(): void {
    this.#isStopped = true
  }

  async #append(log: CommandLog, counter: number): Promise<boolean> {
    try {
      await log.append(0, this.entry(counter))
      this.#kept.add(counter)
      return false
    } catch (error) {
      assert.ok(error instanceof ChatError && error.retryable)
      this.refusals.push(error.code)
      return true
    }
  }
}

/** What is left of a sender's commands once those that come again are ignored, in the log's order. */
export function countersOnce(
  records: readonly LogRecord[],
  { outbox }: ResendingSender,
): readonly number[] {
  return [...new Set(countersOf(records, outbox))]
}

export function countersOf(records: readonly LogRecord[], outbox: OutboxId): readonly number[] {
  return records.flatMap((record) => {
    assert.notEqual(record.kind, 'broken')
    const entries = record.kind === 'commands' ? record.entries : []
    return entries.flatMap(({ command: { key } }) =>
      key.kind === 'outbox' && key.outbox === outbox ? [key.counter] : [],
    )
  })
}

export function readAll(log: CommandLog, after = 0): readonly LogRecord[] {
  const records: LogRecord[] = []
  log.read(0, after, async (record) => {
    records.push(record)
  })
  return records
}

export function oneTo(last: number): readonly number[] {
  return Array.from({ length: last }, (_, index) => index + 1)
}
