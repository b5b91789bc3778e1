import { pipelinePrefix } from '@satchel/chat-core'
import type { BlobRow } from '@satchel/chat-core/ports'
import { parseBlobKey } from '@satchel/protocol'
import { renewAttachments, type RenewDeps } from '../pipeline/renew-attachments.ts'
import { removeUnder } from '../remove-under.ts'
import type { WorkerDeps } from '../worker-deps.ts'
import { walkDaily } from './walk-daily.ts'

const BLOBS_PER_ROUND = 200

type RetireDeps = RenewDeps & Pick<WorkerDeps, 'objects' | 'settings' | 'telemetry'>

/**
 * Once a day, a little each time it is called, over all blobs: where newer facts have come, attachments get them,
 * and what former pipelines made goes once nobody can have a link to it any more. Gives how many were looked at.
 */
export async function retireFormerPipelines(deps: RetireDeps): Promise<number> {
  return walkDaily(deps, {
    name: 'former-pipelines',
    rows: (after) => deps.catalogueWalk.blobs(after),
    idOf: ({ key }) => key,
    parseId: parseBlobKey,
    async visit(blob) {
      if (blob.former === undefined || blob.state !== 'live') return false
      try {
        await visit(deps, blob)
      } catch (error) {
        // It stays noted, and others wait for their turn.
        deps.telemetry.upkeepFailed(error)
      }
      return true
    },
    visitsPerRound: BLOBS_PER_ROUND,
  })
}

/**
 * Links are made from what attachments and messages have: only when all of these have had the new facts for the
 * grace, which is longer than links hold, can no link lead to what is removed.
 */
async function visit(deps: RetireDeps, blob: BlobRow): Promise<void> {
  const { key, facts, former } = blob
  if (facts === undefined || former === undefined) return
  if ((await renewAttachments(deps, { ...blob, facts })) > 0) return
  if (former.sinceMs > deps.clock.nowMs() - deps.settings.graceMs) return
  // Facts in force only ever become newer: what lies below them never is again.
  const versions = former.versions.filter((version) => version < facts.pipelineVersion)
  for (const version of versions) await removeUnder(deps.objects, pipelinePrefix(key, version))
  await deps.blobs.replaceFormer(blob, undefined)
  deps.telemetry.formerRetired(key, versions)
}
