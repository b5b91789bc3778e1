import { changeAttachment } from '@satchel/chat-core'
import type { AttachmentId } from '@satchel/protocol'
import { parseAttachmentId } from '@satchel/protocol'
import { askForHls } from '../pipeline/ask-for-hls.ts'
import { askAgain } from './ask-again.ts'
import type { ReconcileDeps } from './reconcile-deps.ts'

/**
 * Has an attachment that failed judged once more, its bytes were kept; or has the HLS made that one is due. False
 * when it is neither.
 */
export async function retryAttachment(
  deps: ReconcileDeps & { readonly write: (line: string) => void },
  id: string,
): Promise<boolean> {
  const attachment = parseAttachmentId(id)
  if (attachment !== undefined && (await judgeAgain(deps, attachment))) {
    deps.write(`${id} will be judged once more`)
    return true
  }
  const row = attachment === undefined ? undefined : await deps.attachments.read(attachment)
  if (row !== undefined && (await askForHls(deps, row))) {
    deps.write(`${id} will get its HLS`)
    return true
  }
  deps.write(`${id} is no attachment that failed, or lacks its HLS`)
  return false
}

async function judgeAgain(deps: ReconcileDeps, id: AttachmentId): Promise<boolean> {
  const dueMs = deps.clock.nowMs() + deps.settings.stuckMs
  const { changed } = await changeAttachment(deps, id, (row) =>
    row.state === 'failed' && row.detached !== true
      ? { ...row, state: 'processing', reason: undefined, faults: undefined, dueMs }
      : undefined,
  )
  if (changed) await askAgain(deps, id)
  return changed
}
