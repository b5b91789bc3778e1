import type { AttachmentId } from '@satchel/protocol'
import type { LogPosition } from '../../ports/command-log.ts'
import type { DeadJob, Job } from '../../ports/job-queue.ts'
import { parseCell } from '../cell-value.ts'

/** How many people reacted with one emoji, and when the first of them did. */
export interface ReactionKindCell {
  readonly count: number
  readonly first: LogPosition
}

/** A job in its lane, under its number. */
export type JobRow = Job & {
  readonly id: number
  /** The id it was enqueued under; those that commits write have none but their number. */
  readonly name?: string | undefined
  readonly notBeforeMs: number
  readonly attempts: number
}

export function parseReactionKind(bytes: Uint8Array): ReactionKindCell {
  return parseCell(bytes) as ReactionKindCell
}

export function parseAttachmentIds(bytes: Uint8Array): readonly AttachmentId[] {
  return parseCell(bytes) as readonly AttachmentId[]
}

export function parseJobRow(bytes: Uint8Array): JobRow {
  return parseCell(bytes) as JobRow
}

export function parseDeadJob(bytes: Uint8Array): DeadJob {
  return parseCell(bytes) as DeadJob
}
