import {
  ChatError,
  ERROR_CODES,
  LIMITS,
  type CommandResult,
  type ConversationId,
  type OutboxId,
  type RequestedCommand,
} from '@satchel/protocol'
import { commandKeyOf } from '../../../loadtest/src/command-key.ts'
import type {
  JournaledAnswer,
  JournaledCommand,
  JournalWriter,
} from '../../../loadtest/src/journal.ts'
import type { SubmitRequest } from '../../src/command-submitter.ts'
import type { World } from './world.ts'

export interface SimulatedOutboxOptions {
  readonly world: World
  readonly journal: JournalWriter
  readonly outbox: OutboxId
  readonly conversationId: ConversationId
}

interface Pending {
  readonly request: Pick<SubmitRequest, 'key' | 'command' | 'byServer'>
  readonly counter: number
  readonly journaled: JournaledCommand
  inFlight: boolean
}

export type Send = (request: Omit<SubmitRequest, 'authorId'>, told: Told) => void

/** What becomes of a request; `accepted` may come before the answer. */
export interface Told {
  readonly accepted: () => void
  readonly answered: (answer: CommandResult | ChatError) => void
}

const RESEND_MS = 30_000
const RETRY_MS = 100

/**
 * One device's numbered line of commands to one conversation, with the protocol's rules: never n + 16
 * before n has its final answer; after a reconnect or a retryable refusal everything unanswered again,
 * in order, the first flagged `restart`.
 */
export class SimulatedOutbox {
  readonly #options: SimulatedOutboxOptions
  readonly #pending: Pending[] = []
  #counter = 0
  #send: Send | undefined
  #isRefused = false
  #isKnown = false

  constructor(options: SimulatedOutboxOptions) {
    this.#options = options
  }

  get unanswered(): number {
    return this.#pending.length
  }

  /** The conversation remembers it: from then on it also remembers what it refuses. */
  get isKnown(): boolean {
    return this.#isKnown
  }

  ask(build: (key: string) => RequestedCommand, byServer?: true): void {
    const { outbox, conversationId, journal, world } = this.#options
    const counter = ++this.#counter
    const key = commandKeyOf({ outbox, counter })
    const command = build(key)
    const target = 'target' in command ? command.target : undefined
    const intendedMs = world.nowMs
    const journaled = journal.sends({ key, conversationId, kind: command.kind, target, intendedMs })
    const request = { key: { kind: 'outbox', outbox, counter } as const, command, byServer }
    this.#pending.push({ request, counter, journaled, inFlight: false })
    this.#sendMore(false)
  }

  connected(send: Send): void {
    this.#send = send
    this.#isRefused = false
    for (const pending of this.#pending) pending.inFlight = false
    this.#sendMore(true)
  }

  disconnected(): void {
    this.#send = undefined
  }

  #sendMore(restart: boolean): void {
    const send = this.#send
    const first = this.#pending[0]
    if (send === undefined || first === undefined || this.#isRefused) return
    let isFirst = restart
    for (const pending of this.#pending) {
      if (pending.counter >= first.counter + LIMITS.answersPerOutbox) return
      if (pending.inFlight) continue
      this.#sendOne(send, pending, isFirst)
      isFirst = false
    }
  }

  #sendOne(send: Send, pending: Pending, restart: boolean): void {
    const { conversationId } = this.#options
    pending.inFlight = true
    send(
      { ...pending.request, conversationId, restart: restart ? true : undefined },
      {
        accepted: () => {
          pending.journaled.answers.push({ kind: 'accepted' })
          this.#resendLater(send, pending)
        },
        answered: (answer) => {
          if (!(answer instanceof ChatError))
            this.#finish(pending, { kind: 'applied', seq: answer.seq })
          else if (this.#send === send) this.#refused(send, pending, answer)
          else pending.journaled.answers.push({ kind: 'unknown', code: answer.code })
        },
      },
    )
  }

  #resendLater(send: Send, pending: Pending): void {
    this.#options.world.after(RESEND_MS, () => {
      if (this.#send !== send || !this.#pending.includes(pending)) return
      for (const one of this.#pending) one.inFlight = false
      // A refusal that was waiting for these answers waits no longer.
      this.#isRefused = false
      this.#sendMore(true)
    })
  }

  #refused(send: Send, pending: Pending, { code }: ChatError): void {
    if (!ERROR_CODES[code].retryable) {
      this.#finish(pending, { kind: 'rejected', code })
      return
    }
    pending.inFlight = false
    pending.journaled.answers.push({ kind: 'unknown', code })
    this.#isRefused = true
    this.#restartLater(send)
  }

  #finish(pending: Pending, answer: JournaledAnswer): void {
    pending.journaled.answers.push(answer)
    if (answer.kind === 'applied') this.#isKnown = true
    const index = this.#pending.indexOf(pending)
    if (index >= 0) this.#pending.splice(index, 1)
    if (this.#isRefused && this.#send !== undefined) this.#restartLater(this.#send)
    else this.#sendMore(false)
  }

  /** Once nothing is under way any more, everything unanswered goes out again. */
  #restartLater(send: Send): void {
    if (this.#pending.some(({ inFlight }) => inFlight)) return
    this.#options.world.after(RETRY_MS, () => {
      if (this.#send !== send || !this.#isRefused) return
      if (this.#pending.some(({ inFlight }) => inFlight)) return
      this.#isRefused = false
      this.#sendMore(true)
    })
  }
}
