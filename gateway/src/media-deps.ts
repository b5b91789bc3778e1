import {
  createMediaLinks,
  createUploadDeps,
  directConversationId,
  requireReader,
  type CommandSubmitter,
  type BlankingDeps,
  type LinkDeps,
  type OpenMediaDeps,
  type ReportDeps,
  type UploadDeps,
} from '@satchel/chat-core'
import type { Backend } from '@satchel/chat-core/backends'
import type { Log, Settings } from '@satchel/chat-core/runtime'

/** What uploads and links need, for sockets and HTTP alike. */
export interface MediaDeps {
  readonly uploads: UploadDeps & ReportDeps & BlankingDeps
  readonly links: LinkDeps & OpenMediaDeps
}

export function createMediaDeps(
  backend: Backend,
  submitter: CommandSubmitter,
  settings: Settings,
  log: Log,
): MediaDeps {
  const { clock, attachments, blobs, timeline, objects } = backend
  const { links, verifier } = createMediaLinks(settings)
  return {
    uploads: createUploadDeps(backend, {
      settings,
      directConversationId,
      report: (result) => submitter.report(result),
    }),
    links: {
      attachments,
      timeline,
      objects,
      clock,
      links,
      verifier,
      isCondemned: async (blob) => (await blobs.read(blob))?.state !== 'live',
      hiddenUpTo: async (userId, conversationId) =>
        (await requireReader(backend, userId, conversationId)).hiddenUpTo,
      onMinted: (userId, { conversationId, seq, attachmentId, variant }) =>
        log.info({ userId, conversationId, seq, attachmentId, variant }, 'link given'),
    },
  }
}
