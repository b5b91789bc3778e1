import type { ConversationId, Seq, UserId } from '@satchel/protocol'
import type { ConversationJob } from '../domain/decision.ts'
import type { AttachmentRow } from '../ports/attachment-catalogue.ts'
import { attachmentOf } from './attachment-of.ts'
import { detach, listAttachments, type DetachDeps } from './detach-from-message.ts'
import { readMessageAttachment } from './report-result.ts'

export interface BlankingDeps {
  /** Appends the `blank_message` command; settles when it was decided. */
  readonly submitBlanking: (blanking: {
    readonly conversationId: ConversationId
    readonly authorId: UserId
    readonly target: Seq
  }) => Promise<void>
}

export type EraseDeps = DetachDeps & BlankingDeps
type EraseJob = Extract<ConversationJob, { readonly kind: 'erase_user' }>

const PAGE = 100

/**
 * Takes away what an erased user sent: always the files, and the messages where the job says so. What the
 * same id sends after the erasure stays. Again: goes on where it stopped.
 */
export async function eraseUser(deps: EraseDeps, job: EraseJob): Promise<void> {
  if (job.blankMessages) await blankMessages(deps, job)
  for await (const { id, messageSeq = 0 } of listAttachments(
    deps,
    job.conversationId,
    job.userId,
  )) {
    if (messageSeq > job.seq) continue
    const row = await detach(deps, id)
    if (row !== undefined) await tellGone(deps, row)
  }
}

async function blankMessages(
  deps: EraseDeps,
  { conversationId, userId, seq }: EraseJob,
): Promise<void> {
  for (let after = 0; ;) {
    const events = await deps.timeline.read(conversationId, { after, upTo: seq, limit: PAGE })
    const last = events.at(-1)
    if (last === undefined) return
    const theirs = events.filter(
      ({ authorId, content }) =>
        authorId === userId && content.kind === 'message_sent' && content.body.deleted !== true,
    )
    await Promise.all(
      theirs.map(({ seq: target }) =>
        deps.submitBlanking({ conversationId, authorId: userId, target }),
      ),
    )
    after = last.seq
  }
}

/** A message that stays shows that its file does not. */
async function tellGone(deps: EraseDeps, row: AttachmentRow): Promise<void> {
  const { id, conversationId, messageSeq, words } = row
  if (messageSeq === undefined) return
  const told = await readMessageAttachment(deps, conversationId, messageSeq, id)
  if (told === undefined || told.attachment.state === 'expired') return
  await deps.submitResult({
    conversationId,
    authorId: told.authorId,
    target: messageSeq,
    attachment: attachmentOf({ ...row, state: 'expired', reason: 'deleted' }, words),
  })
}
