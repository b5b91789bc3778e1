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
  const note = createNote(deps, blob)
  let renewed = 0
  for await (const id of deps.catalogueWalk.references(blob.key)) {
    if (await renewAttachment(deps, id, { blob, note })) renewed++
  }
  if (renewed > 0) await note.move()
  return renewed
}

/** Of when somebody was last known to have what former pipelines made. Rejects when somebody else moved it. */
interface Note {
  readonly move: () => Promise<void>
  /** Ahead of the first change: who comes after a worker killed in between finds nobody, and links hold still. */
  readonly moveOnce: () => Promise<void>
}

function createNote(deps: RenewDeps, { key, former }: DescribedBlob): Note {
  let noted = former
  let isMoved = false
  const move = async (): Promise<void> => {
    if (noted === undefined) return
    const next = { ...noted, sinceMs: deps.clock.nowMs() }
    if (!(await deps.blobs.replaceFormer({ key, former: noted }, next)))
      throw new Error('somebody else has noted what former pipelines made')
    noted = next
    isMoved = true
  }
  return { move, moveOnce: async () => (isMoved ? undefined : move()) }
}

interface Renewal {
  readonly blob: DescribedBlob
  readonly note: Note
}

async function renewAttachment(
  deps: RenewDeps,
  id: AttachmentId,
  { blob, note }: Renewal,
): Promise<boolean> {
  const known = await deps.attachments.read(id)
  if (known === undefined || !isShown(known, blob)) return false
  if (isBehind(known, blob)) await note.moveOnce()
  const { row, changed } = await changeAttachment(
    deps,
    id,
    (latest) =>
      isShown(latest, blob) && isBehind(latest, blob)
        ? { ...latest, facts: blob.facts }
        : undefined,
    known,
  )
  if (row === undefined || !isShown(row, blob)) return false
  const submitResult: RenewDeps['submitResult'] = async (result) => {
    await note.moveOnce()
    await deps.submitResult(result)
  }
  const isTold = await reportResult({ ...deps, submitResult }, row)
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
