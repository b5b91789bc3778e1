import { isDeepStrictEqual } from 'node:util'
import { changeAttachment, reportResult } from '@satchel/chat-core'
import type { AttachmentRow, BlobRow } from '@satchel/chat-core/ports'
import type { AttachmentId } from '@satchel/protocol'
import type { WorkerDeps } from '../worker-deps.ts'
import { askForHls } from './ask-for-hls.ts'
import type { DescribedBlob } from './is-described.ts'

export type RenewDeps = Pick<
  WorkerDeps,
  'attachments' | 'blobs' | 'catalogueWalk' | 'clock' | 'jobs' | 'submitResult' | 'timeline'
>

/**
 * Gives every attachment that is shown the facts of its blob, as stored, and tells its message. Gives how many
 * had, or said, something else: until now there were links to what former pipelines made. Again: none.
 */
export async function renewAttachments(deps: RenewDeps, blob: DescribedBlob): Promise<number> {
  let renewed = 0
  for await (const id of deps.catalogueWalk.references(blob.key)) {
    if (await renewAttachment(deps, id, blob)) renewed++
  }
  const { former } = blob
  if (renewed > 0 && former !== undefined)
    await deps.blobs.replaceFormer(blob, { ...former, sinceMs: deps.clock.nowMs() })
  return renewed
}

async function renewAttachment(
  deps: RenewDeps,
  id: AttachmentId,
  blob: DescribedBlob,
): Promise<boolean> {
  const { row, changed } = await changeAttachment(deps, id, (latest) =>
    isShown(latest, blob) && isBehind(latest, blob) ? { ...latest, facts: blob.facts } : undefined,
  )
  if (row === undefined || !isShown(row, blob)) return false
  const isTold = await reportResult(deps, row)
  await askForHls(deps, row)
  return changed || isTold
}

function isShown({ state, detached, blob }: AttachmentRow, { key }: BlobRow): boolean {
  return state === 'ready' && detached !== true && blob === key
}

function isBehind({ facts }: AttachmentRow, blob: DescribedBlob): boolean {
  const isNewer = (facts?.pipelineVersion ?? 0) > blob.facts.pipelineVersion
  return !isNewer && !isDeepStrictEqual(facts, blob.facts)
}
