import { ChatError, type CommandResult, type ConversationId } from '@satchel/protocol'
import type { Lane } from './command-lanes.ts'
import type { RecordedAnswer } from './domain/conversation-state.ts'
import type { UnknownOutcome } from './ports/gateway-bus.ts'
import type { Timers } from './runtime/timers.ts'

export interface AnswerTimes {
  /** A durable command without an answer for so long is said to be accepted. */
  readonly acceptedAfterMs: number
  /** An answer that takes longer may have been lost: whoever waits is told to ask again. */
  readonly answerWithinMs: number
}

export interface UnansweredDeps {
  readonly timers: Timers
  readonly times: AnswerTimes
  /** Whether a command that the log has taken outlives its processes. */
  readonly isDurable: boolean
}

/** A command on its way, and who waits for what becomes of it. */
export interface UnansweredCommand {
  readonly conversationId: ConversationId
  readonly lane: Lane
  readonly resolve: (result: CommandResult) => void
  readonly reject: (error: ChatError) => void
  readonly onAccepted: (() => void) | undefined
}

interface Waiting extends UnansweredCommand {
  readonly sinceMs: number
  /** Of its lane, when it was appended. */
  readonly restarts: number
  isKept: boolean
  isAccepted: boolean
}

/** With so many nothing more is taken: answers have stopped coming. */
const UNANSWERED_MAX = 100_000
const TICK_MS = 500

/**
 * Commands that have been given to the log and have no answer. Answers may be lost, or come from nobody while
 * there is no owner, so each waits for so long only; its outcome is then not known.
 */
export class UnansweredCommands {
  readonly #deps: UnansweredDeps
  // In the order of their tickets, so that the oldest comes first.
  readonly #waiting = new Map<number, Waiting>()
  #stopTicking: (() => void) | undefined
  #ticket = 0

  constructor(deps: UnansweredDeps) {
    this.#deps = deps
  }

  get size(): number {
    return this.#waiting.size
  }

  /** Gives the number under which the answer comes. Throws `unavailable` when there are too many already. */
  add(command: UnansweredCommand): number {
    if (this.#waiting.size >= UNANSWERED_MAX) {
      command.lane.refusing = true
      throw new ChatError('unavailable', 'too many commands wait for their answers')
    }
    const ticket = ++this.#ticket
    const { lane } = command
    lane.unanswered++
    const sinceMs = this.#deps.timers.elapsedMs()
    const { restarts } = lane
    this.#waiting.set(ticket, { ...command, sinceMs, restarts, isKept: false, isAccepted: false })
    this.#tickLater()
    return ticket
  }

  /** The log has taken it. */
  kept(ticket: number): void {
    const waiting = this.#waiting.get(ticket)
    if (waiting !== undefined) waiting.isKept = true
  }

  /** An answer came; a second one, or one that nobody waits for, changes nothing. */
  settle(ticket: number, answer: RecordedAnswer | UnknownOutcome): void {
    const waiting = this.#take(ticket)
    if (waiting === undefined) return
    switch (answer.kind) {
      case 'applied': {
        const { conversationId } = waiting
        waiting.resolve({ conversationId, seq: answer.seq, timeMs: answer.timeMs })
        return
      }
      case 'rejected':
        waiting.reject(new ChatError(answer.code, answer.message))
        return
      case 'unknown':
        waiting.lane.refusing = true
        waiting.reject(new ChatError(answer.code, answer.message))
        return
      default:
        answer satisfies never
    }
  }

  /** What is not, or not known to be, in the log: what follows must not get past it. */
  fail(ticket: number, error: ChatError): void {
    const waiting = this.#take(ticket)
    if (waiting === undefined) return
    waiting.lane.refusing = true
    waiting.reject(error)
  }

  /** Tells everybody who waits that the outcome is not known. */
  close(): void {
    this.#stopTicking?.()
    for (const ticket of [...this.#waiting.keys()])
      this.fail(ticket, new ChatError('retry', 'the server goes away without an answer'))
  }

  #take(ticket: number): Waiting | undefined {
    const waiting = this.#waiting.get(ticket)
    if (waiting === undefined) return undefined
    this.#waiting.delete(ticket)
    waiting.lane.unanswered--
    return waiting
  }

  #tickLater(): void {
    this.#stopTicking ??= this.#deps.timers.after(TICK_MS, () => this.#tick())
  }

  #tick(): void {
    this.#stopTicking = undefined
    const { timers, times, isDurable } = this.#deps
    const nowMs = timers.elapsedMs()
    for (const [ticket, waiting] of this.#waiting) {
      const waitedMs = nowMs - waiting.sinceMs
      if (waitedMs < times.acceptedAfterMs) break
      if (waitedMs >= times.answerWithinMs) this.#giveUp(ticket, waiting)
      else if (isDurable && waiting.isKept && !waiting.isAccepted) {
        waiting.isAccepted = true
        waiting.onAccepted?.()
      }
    }
    if (this.#waiting.size > 0) this.#tickLater()
  }

  #giveUp(ticket: number, { lane, restarts, reject }: Waiting): void {
    this.#take(ticket)
    // Unless it has been sent again since, and waits for another answer.
    if (lane.restarts === restarts) lane.refusing = true
    reject(new ChatError('retry', 'no answer came in time; the command may have been applied'))
  }
}
