import type { CommandId, CommandResult, RequestedCommand } from '@satchel/protocol'
import { createDeferred } from './deferred.ts'
import type { Deferred } from './deferred.ts'
import type { ForwardedFile } from './forward-attachment.ts'

/** A command in the line, as whoever put it there sees it. */
export interface QueuedCommand {
  /** Names it from here on, even when it has to take another command id. */
  readonly key: string
  /** Absent while it is being prepared. */
  readonly command: RequestedCommand | undefined
  readonly queuedAtMs: number
  /** Files of other messages that are its attachments. */
  readonly forwards: readonly ForwardedFile[]
  /** Settles with the final answer. */
  readonly result: Promise<CommandResult>
}

/** A command in the line, as the outbox sees it. */
export interface OutboxItem {
  readonly key: string
  /** Grows from command to command: their order, whatever ids they take later. */
  readonly place: number
  readonly queuedAtMs: number
  readonly forwards: readonly ForwardedFile[]
  readonly answer: Deferred<CommandResult>
  commandId: CommandId
  /** Absent while it waits for what it refers to, such as an upload that has not begun. */
  command: RequestedCommand | undefined
  /** May be sent: complete, put aside, and the server knows what it forwards. */
  isReady: boolean
  /** How often it was sent. A refusal of an earlier attempt that may pass is out of date. */
  attempt: number
  /** Asked for again when there is no final answer by then. */
  dueAtMs: number
}

export function createOutboxItem(
  place: number,
  commandId: CommandId,
  command: RequestedCommand | undefined,
  queuedAtMs: number,
  forwards: readonly ForwardedFile[] = [],
): OutboxItem {
  return {
    key: commandKey(commandId),
    place,
    queuedAtMs,
    forwards,
    answer: createDeferred(),
    commandId,
    command,
    isReady: false,
    attempt: 0,
    dueAtMs: 0,
  }
}

export function toQueued({
  key,
  command,
  queuedAtMs,
  forwards,
  answer,
}: OutboxItem): QueuedCommand {
  return { key, command, queuedAtMs, forwards, result: answer.promise }
}

/** A command's name, the same in every session of its device. */
export function commandKey(commandId: {
  readonly outbox: string
  readonly counter: number
}): string {
  return `${commandId.outbox}.${String(commandId.counter)}`
}
