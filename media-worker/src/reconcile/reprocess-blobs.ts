import { setTimeout } from 'node:timers/promises'
import type { BlobFacts } from '@satchel/chat-core/ports'
import { askToDescribeAnew } from '../pipeline/ask-to-describe-anew.ts'
import type { BlobKind, ReprocessCommand } from './parse-reprocess.ts'
import type { ReconcileDeps } from './reconcile-deps.ts'

/**
 * Asks for every blob that somebody has, and to which all that the command says applies, to be described anew. What
 * is asked for already, or was given up, is asked for once; so it may be stopped and run again.
 */
export async function reprocessBlobs(
  deps: Pick<ReconcileDeps, 'catalogueWalk' | 'jobs'> & { readonly write: (line: string) => void },
  command: ReprocessCommand,
): Promise<void> {
  const { json, perSecond, after } = command
  let asked = 0
  for await (const { key, state, facts } of deps.catalogueWalk.blobs(after)) {
    if (state !== 'live' || facts === undefined || !applies(command, facts)) continue
    if (asked++ > 0) await setTimeout(1_000 / perSecond)
    await askToDescribeAnew(deps, key)
    deps.write(json ? JSON.stringify({ blob: key }) : `blob ${key}: will be described anew`)
  }
  deps.write(json ? JSON.stringify({ asked }) : `${String(asked)} asked for`)
}

function applies(
  { of, olderThanVersion = Infinity, reason }: ReprocessCommand,
  facts: BlobFacts,
): boolean {
  if (of !== undefined && kindOf(facts) !== of) return false
  if (facts.pipelineVersion >= olderThanVersion) return false
  return reason === undefined || facts.reason === reason || facts.hlsRefused === reason
}

function kindOf({ contentType }: BlobFacts): BlobKind {
  const [family] = contentType.split('/', 1)
  return family === 'image' || family === 'video' || family === 'audio' ? family : 'other'
}
