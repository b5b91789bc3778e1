import {
  ChatError,
  type CommandResult,
  type ConversationId,
  type RequestedCommand,
  type UserId,
} from '@satchel/protocol'
import type { Command, CommandContent, CommandKey } from './domain/command.ts'
import { CommandLanes, createLane, requireOpen, type Lane } from './command-lanes.ts'
import { contentHashOf } from './domain/content-hash-of.ts'
import { partitionOf } from './domain/partition-of.ts'
import { requireTarget, type ConversationTarget } from './conversation-target.ts'
import { needsStamp, stampCommand, unstamped, type Stamps } from './stamp-command.ts'
import type { CommandLog } from './ports/command-log.ts'
import type { GatewayMessage } from './ports/gateway-bus.ts'
import type { Timers } from './runtime/timers.ts'
import { UnansweredCommands, type AnswerTimes } from './unanswered-commands.ts'

export interface SubmitRequest extends ConversationTarget {
  readonly authorId: UserId
  readonly key: CommandKey
  readonly command: RequestedCommand
  /** Asked with the server key: settings about what clients may do do not apply. */
  readonly byServer?: boolean | undefined
  /** The client begins again here after a refusal or a reconnect. */
  readonly restart?: boolean | undefined
  /** Called once when the command is durable but its answer is late. */
  readonly onAccepted?: (() => void) | undefined
}

export interface CommandSubmitterDeps extends Stamps {
  readonly commandLog: CommandLog
  readonly timers: Timers
  readonly gatewayId: string
  readonly bootId: string
  readonly times: AnswerTimes
}

/**
 * The commands of one session (or one HTTP request). Per conversation they are appended in the order
 * of the calls. Once one of them was refused with a retryable error, what follows in its conversation
 * is refused with `restart_required` until a request flagged `restart`: a later command never
 * overtakes an earlier one that is going to be sent again.
 */
export interface CommandLine {
  submit(request: SubmitRequest): Promise<CommandResult>
  /** A retryable refusal by the caller itself (a rate limit): what follows is refused as well. */
  refuse(authorId: UserId, target: ConversationTarget): void
}

export interface WorldReport {
  readonly conversationId: ConversationId
  readonly authorId: UserId
  readonly content: Extract<
    CommandContent,
    { readonly kind: 'erase_user' | 'blank_message' | 'attachment_result' }
  >
}

type Answer = Extract<GatewayMessage, { readonly type: 'answer' }>

type Stamped = Pick<Command, 'content' | 'refusal'>

/** The one way in for writes: appends commands to the log and matches the answers that come back. */
export class CommandSubmitter {
  readonly #deps: CommandSubmitterDeps
  readonly #unanswered: UnansweredCommands
  // Not appended yet: these wait for attachments to be looked up, or behind those that do.
  #queued = 0
  #drained: (() => void)[] = []

  constructor(deps: CommandSubmitterDeps) {
    this.#deps = deps
    this.#unanswered = new UnansweredCommands({ ...deps, isDurable: deps.commandLog.durable })
  }

  openLine(): CommandLine {
    const lanes = new CommandLanes()
    return {
      submit: (request) => this.#submit(lanes, request),
      refuse: (authorId, target) => {
        lanes.of(requireTarget(authorId, target)).refusing = true
      },
    }
  }

  /** Something the outside world found out, said in the name of whom it is about. Nobody's line. */
  report(report: WorldReport): Promise<CommandResult> {
    return this.#append(
      createLane(),
      { ...report, key: { kind: 'none' } },
      report.conversationId,
      report,
    )
  }

  /** An answer from the bus. Answers of an earlier boot, and repeated ones, are ignored. */
  take(message: Answer): void {
    if (message.to.bootId !== this.#deps.bootId) return
    this.#unanswered.settle(message.to.ticket, message.answer)
    this.#endDraining()
  }

  get unanswered(): number {
    return this.#unanswered.size + this.#queued
  }

  /** Settles when no command is unanswered. */
  async drain(): Promise<void> {
    if (this.unanswered === 0) return
    await new Promise<void>((resolve) => {
      this.#drained.push(resolve)
    })
  }

  /** Whoever still waits is told that the outcome is not known. */
  close(): void {
    this.#unanswered.close()
    this.#endDraining()
  }

  #endDraining(): void {
    if (this.unanswered > 0) return
    for (const drained of this.#drained.splice(0)) drained()
  }

  async #submit(lanes: CommandLanes, request: SubmitRequest): Promise<CommandResult> {
    const conversationId = requireTarget(request.authorId, request)
    const lane = lanes.of(conversationId)
    if (request.restart === true) {
      lane.refusing = false
      lane.restarts++
    }
    requireOpen(lane, lane.restarts)
    if (!needsStamp(request.command) && lane.queued === 0) {
      // The common case stays free of promises that only keep order.
      return this.#append(lane, request, conversationId, { content: unstamped(request.command) })
    }
    return this.#afterEarlierOnes(lane, request, conversationId)
  }

  /** Stamping takes time: later commands of the lane wait for it. */
  async #afterEarlierOnes(
    lane: Lane,
    request: SubmitRequest,
    conversationId: ConversationId,
  ): Promise<CommandResult> {
    const before = lane.last
    const { restarts } = lane
    const turn = Promise.withResolvers<undefined>()
    lane.last = turn.promise
    lane.queued++
    this.#queued++
    let answer: Promise<CommandResult>
    try {
      const { command } = request
      const stamped = needsStamp(command) ? this.#stamp(request, conversationId) : undefined
      // Handled below, once it is this command's turn.
      stamped?.catch(() => undefined)
      await before
      const found = stamped === undefined ? { content: unstamped(command) } : await stamped
      // While this one waited, one that was appended before it may have been refused, and even resent.
      requireOpen(lane, restarts)
      answer = this.#append(lane, request, conversationId, found)
    } catch (error) {
      const isOvertaken = lane.restarts !== restarts
      if (error instanceof ChatError && error.retryable && !isOvertaken) lane.refusing = true
      throw error
    } finally {
      lane.queued--
      this.#queued--
      turn.resolve(undefined)
      this.#endDraining()
    }
    // The next in line has been let go: it need not wait for this answer.
    return answer
  }

  /** What is final against a command goes along with it: its owner knows whether it was answered before. */
  async #stamp(request: SubmitRequest, conversationId: ConversationId): Promise<Stamped> {
    const { authorId, command } = request
    try {
      return { content: await stampCommand(this.#deps, authorId, conversationId, command) }
    } catch (error) {
      if (!(error instanceof ChatError) || error.retryable) throw error
      const { code, message } = error
      return { content: unstamped(command), refusal: { code, message } }
    }
  }

  #append(
    lane: Lane,
    request: Omit<SubmitRequest, 'command'> & { readonly command?: RequestedCommand },
    conversationId: ConversationId,
    { content, refusal }: Stamped,
  ): Promise<CommandResult> {
    const command: Command = {
      conversationId,
      authorId: request.authorId,
      key: request.key,
      contentHash: contentHashOf(request.command ?? content),
      to: request.to,
      byServer: request.byServer,
      content,
      refusal,
    }
    const { promise, resolve, reject } = Promise.withResolvers<CommandResult>()
    const { onAccepted } = request
    const ticket = this.#unanswered.add({ conversationId, lane, resolve, reject, onAccepted })
    const { commandLog, gatewayId, bootId } = this.#deps
    commandLog
      .append(partitionOf(conversationId, commandLog.partitions), {
        command,
        answerTo: { gatewayId, bootId, ticket },
      })
      .then(
        () => this.#unanswered.kept(ticket),
        (error: unknown) => {
          this.#unanswered.fail(ticket, refusalOf(error))
          this.#endDraining()
        },
      )
    return promise
  }
}

function refusalOf(error: unknown): ChatError {
  if (error instanceof ChatError) return error
  return new ChatError('retry', 'the command may not have been kept', { cause: error })
}
