import type { Clock } from '../../ports/clock.ts'
import type { Job, JobConsumer, JobDelivery, JobQueue } from '../../ports/job-queue.ts'
import { formatCell } from '../cell-value.ts'
import { parseDeadJob, type JobRow } from './embedded-cell.ts'
import type { Cells, EmbeddedStore } from './embedded-store.ts'
import { JobLane } from './job-lane.ts'
import { jobKey } from './job-rows.ts'
import type { StoreTransaction } from './store-transaction.ts'

export interface EmbeddedJobQueueOptions {
  readonly store: Pick<EmbeddedStore, 'databases' | 'openDatabase' | 'write' | 'onJobsCommitted'>
  readonly clock: Clock
  /** How often jobs that wait for their time are looked at; a second unless given. */
  readonly pollMs?: number | undefined
}

interface JobCells {
  /** Kinds in databases of their own, so that a long line of one does not hide the other. */
  readonly byKind: Readonly<Record<Job['kind'], Cells>>
  /** id → number of the job that has it; conversations' jobs have none but their number. */
  readonly ids: Cells
  /** id → dead job */
  readonly dead: Cells
}

/** Jobs in the store's own transactions; conversations' commits write theirs themselves. */
export function openEmbeddedJobQueue(options: EmbeddedJobQueueOptions): JobQueue {
  const { store, clock, pollMs = 1_000 } = options
  const cells: JobCells = {
    byKind: {
      conversation_job: store.databases.jobs,
      process_attachment: store.openDatabase('attachment-jobs'),
      derive_hls: store.openDatabase('hls-jobs'),
      reprocess_blob: store.openDatabase('reprocess-jobs'),
    },
    ids: store.openDatabase('job-ids'),
    dead: store.openDatabase('dead-jobs'),
  }
  return {
    enqueue: (id, job) => store.write((transaction) => stageJob(transaction, cells, id, job)),
    consume(kind, { concurrency }, work): JobConsumer {
      return new JobLane({
        store,
        clock,
        pollMs,
        concurrency,
        cells: cells.byKind[kind],
        work: async (row) => work(parseDelivery<typeof kind>(row)),
        bury: (transaction, row, reason) => {
          const id = idOf(row)
          transaction.put(cells.dead, Buffer.from(id), formatCell({ id, job: jobOf(row), reason }))
        },
        finish: (transaction, row) => {
          transaction.remove(cells.ids, Buffer.from(idOf(row)))
        },
      })
    },
    async listDead(limit) {
      return Array.from(cells.dead.getRange({ limit }), ({ value }) => parseDeadJob(value))
    },
    async revive(id) {
      let revived = false
      await store.write((transaction) => {
        const key = Buffer.from(id)
        const bytes = transaction.read(cells.dead, key)
        revived = bytes !== undefined
        if (bytes === undefined) return
        transaction.remove(cells.dead, key)
        transaction.remove(cells.ids, key)
        stageJob(transaction, cells, id, parseDeadJob(bytes).job)
      })
      return revived
    },
  }
}

function stageJob(transaction: StoreTransaction, cells: JobCells, id: string, job: Job): void {
  const idKey = Buffer.from(id)
  if (transaction.read(cells.ids, idKey) !== undefined) return
  const number = transaction.nextJobId()
  const row: JobRow = { ...job, id: number, name: id, notBeforeMs: 0, attempts: 0 }
  transaction.put(cells.ids, idKey, jobKey(number))
  transaction.put(cells.byKind[job.kind], jobKey(number), formatCell(row))
}

/** A lane holds jobs of its kind only. */
function parseDelivery<Kind extends Job['kind']>(row: JobRow): JobDelivery<Kind> {
  return { id: idOf(row), job: jobOf(row), attempt: row.attempts + 1 } as JobDelivery<Kind>
}

function idOf(row: JobRow): string {
  return row.name ?? String(row.id)
}

function jobOf(row: JobRow): Job {
  switch (row.kind) {
    case 'conversation_job':
      return { kind: row.kind, job: row.job }
    case 'process_attachment':
    case 'derive_hls':
      return { kind: row.kind, attachmentId: row.attachmentId }
    case 'reprocess_blob':
      return { kind: row.kind, blob: row.blob }
    default:
      return row satisfies never
  }
}
