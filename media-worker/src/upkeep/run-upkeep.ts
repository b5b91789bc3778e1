import { scanIntegrity } from '../integrity/scan-integrity.ts'
import type { WorkerDeps } from '../worker-deps.ts'
import { abortOrphanedUploads } from './abort-orphaned-uploads.ts'
import { deleteCondemnedBlobs } from './delete-condemned-blobs.ts'
import { retireFormerPipelines } from './retire-former-pipelines.ts'
import { sweepMarks } from './sweep-marks.ts'
import { sweepRetention } from './sweep-retention.ts'
import { visitDueAttachments } from './visit-due-attachments.ts'

/** What a round found to do. */
export interface UpkeepRound {
  /** Older than the setting that says how long files are kept: they were given an end. */
  readonly retainedAttachments: number
  readonly visitedAttachments: number
  readonly deletedBlobs: number
  readonly abortedUploads: number
  /** Blobs of today's thirtieth. */
  readonly checkedBlobs: number
  /** Blobs with outputs of former pipelines. */
  readonly renewedBlobs: number
  /** Marks of condemned blobs that live again or are gone. */
  readonly removedMarks: number
}

/** One round over everything that time changes. Two at once, anywhere, do no harm. */
export async function runUpkeep(deps: WorkerDeps): Promise<UpkeepRound> {
  return {
    retainedAttachments: await sweepRetention(deps),
    visitedAttachments: await visitDueAttachments(deps),
    deletedBlobs: await deleteCondemnedBlobs(deps),
    abortedUploads: await abortOrphanedUploads(deps),
    checkedBlobs: await scanIntegrity(deps),
    renewedBlobs: await retireFormerPipelines(deps),
    removedMarks: await sweepMarks(deps),
  }
}
