import type { ConversationJob } from '../../domain/decision.ts'
import { formatCell } from '../cell-value.ts'
import type { StoreTransaction } from './store-transaction.ts'

/** A job as it lies in the `jobs` database, under its id as 8 bytes. */
export interface ConversationJobRow {
  /** Grows from job to job, over restarts too. */
  readonly id: number
  readonly kind: 'conversation_job'
  readonly job: ConversationJob
  readonly notBeforeMs: number
  readonly attempts: number
}

export function jobKey(id: number): Buffer {
  const key = Buffer.alloc(8)
  key.writeBigUInt64BE(BigInt(id))
  return key
}

/** Stages a job, so that it is there exactly when what asked for it is. */
export function writeJob(transaction: StoreTransaction, job: ConversationJob): void {
  const row: ConversationJobRow = {
    id: transaction.nextJobId(),
    kind: 'conversation_job',
    job,
    notBeforeMs: 0,
    attempts: 0,
  }
  transaction.put(transaction.databases.jobs, jobKey(row.id), formatCell(row))
}
