import {
  ChatError,
  ERROR_CODES,
  LIMITS,
  newOutboxId,
  type CommandId,
  type CommandResult,
  type ConversationId,
  type OutboxId,
  type RequestedCommand,
  type UserId,
} from '@satchel/protocol'
import { commandKeyOf } from '../command-key.ts'
import type { JournaledAnswer, JournaledCommand, JournalWriter } from '../journal.ts'
import type { Session } from './session.ts'

export interface OutboxOptions {
  readonly journal: JournalWriter
  readonly conversationId: ConversationId
  /** For a direct conversation that need not exist yet: the other person. */
  readonly to: UserId | undefined
}

/** A command that has no final answer yet. */
interface Pending {
  readonly commandId: CommandId
  readonly command: RequestedCommand
  readonly journaled: JournaledCommand
  inFlight: boolean
}

const RESEND_MS = 30_000

type Answered = Pick<Pending, 'commandId' | 'command' | 'journaled'>

/**
 * One device's numbered line of commands to one conversation. It keeps the rules that make retrying
 * safe: never n + 16 before n has its final answer; after a reconnect or a retryable refusal
 * everything unanswered again, in order, the first flagged `restart`.
 */
export class Outbox {
  readonly #options: OutboxOptions
  readonly #id: OutboxId = newOutboxId()
  readonly #pending: Pending[] = []
  #counter = 0
  #session: Session | undefined
  /** A command was refused for now: nothing more is sent until what is under way has come back. */
  #isRefused = false
  #lastApplied: Answered | undefined
  #resending: NodeJS.Timeout | undefined

  constructor(options: OutboxOptions) {
    this.#options = options
  }

  /** Commands without a final answer. */
  get unanswered(): number {
    return this.#pending.length
  }

  /** Sends as soon as the rules allow. `build` is told the command's key, to put it into texts. */
  ask(build: (key: string) => RequestedCommand, intendedMs: number): void {
    const commandId = { outbox: this.#id, counter: ++this.#counter }
    const key = commandKeyOf(commandId)
    const command = build(key)
    const { conversationId, journal } = this.#options
    const target = 'target' in command ? command.target : undefined
    const journaled = journal.sends({ key, conversationId, kind: command.kind, target, intendedMs })
    this.#pending.push({ commandId, command, journaled, inFlight: false })
    this.#sendMore(false)
  }

  /** A new session: what is unanswered goes out again. */
  connected(session: Session): void {
    this.#session = session
    this.#isRefused = false
    for (const pending of this.#pending) pending.inFlight = false
    this.#sendMore(true)
  }

  disconnected(): void {
    this.#session = undefined
    clearTimeout(this.#resending)
    this.#resending = undefined
  }

  /** Asks once more for what was answered last: the answer must be the same. */
  askAgain(): void {
    const answered = this.#lastApplied
    const session = this.#session
    if (answered === undefined || session === undefined) return
    // Not before what is unanswered has gone out: a flag `restart` belongs to the first of those.
    session.request('command', this.#frame(answered, false)).then(
      (result) => answered.journaled.answers.push(applied(result)),
      (error: unknown) => {
        const code = codeOf(error)
        // It may be forgotten: sixteen later ones may have been decided before the connection ended.
        if (!ERROR_CODES[code].retryable && code !== 'too_late')
          answered.journaled.answers.push({ kind: 'rejected', code })
      },
    )
  }

  #sendMore(restart: boolean): void {
    const session = this.#session
    const first = this.#pending[0]
    if (session === undefined || first === undefined || this.#isRefused) return
    let isFirst = restart
    for (const pending of this.#pending) {
      if (pending.commandId.counter >= first.commandId.counter + LIMITS.answersPerOutbox) return
      if (pending.inFlight) continue
      this.#send(session, pending, isFirst)
      isFirst = false
    }
  }

  #send(session: Session, pending: Pending, restart: boolean): void {
    pending.inFlight = true
    const accepted = (): void => {
      pending.journaled.answers.push({ kind: 'accepted' })
      this.#resendLater(session)
    }
    session.request('command', this.#frame(pending, restart), accepted).then(
      (result) => {
        this.#lastApplied = pending
        this.#finish(pending, applied(result))
      },
      (error: unknown) => {
        if (this.#session === session) this.#refused(session, pending, error)
        else pending.journaled.answers.push({ kind: 'unknown', code: codeOf(error) })
      },
    )
  }

  /** Durable, but the final answer may have been lost on its way. One at a time: each resends everything. */
  #resendLater(session: Session): void {
    this.#resending ??= setTimeout(() => {
      this.#resending = undefined
      if (this.#session !== session) return
      for (const one of this.#pending) one.inFlight = false
      // A refusal that was waiting for these answers waits no longer.
      this.#isRefused = false
      this.#sendMore(true)
    }, RESEND_MS).unref()
  }

  #frame({ commandId, command }: Answered, restart: boolean) {
    const { conversationId, to } = this.#options
    const target = to === undefined ? { conversationId, to } : { conversationId: undefined, to }
    return { commandId, command, restart: restart ? true : undefined, ...target }
  }

  #refused(session: Session, pending: Pending, error: unknown): void {
    const code = codeOf(error)
    if (!ERROR_CODES[code].retryable) {
      this.#finish(pending, { kind: 'rejected', code })
      return
    }
    pending.inFlight = false
    pending.journaled.answers.push({ kind: 'unknown', code })
    this.#isRefused = true
    this.#restartLater(session, error)
  }

  #finish(pending: Pending, answer: JournaledAnswer): void {
    pending.journaled.answers.push(answer)
    const index = this.#pending.indexOf(pending)
    if (index >= 0) this.#pending.splice(index, 1)
    if (this.#isRefused && this.#session !== undefined) this.#restartLater(this.#session, undefined)
    else this.#sendMore(false)
  }

  /** Once nothing is under way any more, everything unanswered goes out again. */
  #restartLater(session: Session, error: unknown): void {
    if (this.#pending.some(({ inFlight }) => inFlight)) return
    const delayMs = error instanceof ChatError ? (error.details.retryAfterMs ?? 100) : 100
    setTimeout(() => {
      if (this.#session !== session || !this.#isRefused) return
      if (this.#pending.some(({ inFlight }) => inFlight)) return
      this.#isRefused = false
      this.#sendMore(true)
    }, delayMs).unref()
  }
}

function applied({ seq }: CommandResult): JournaledAnswer {
  return { kind: 'applied', seq }
}

function codeOf(error: unknown): ChatError['code'] {
  return error instanceof ChatError ? error.code : 'internal'
}
