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
import type { Settings } from '@satchel/chat-core/runtime'
import type { LinkAudit } from './audit/link-audit.ts'

/** What uploads and links need, for sockets and HTTP alike. */
export interface MediaDeps {
  readonly uploads: UploadDeps & ReportDeps & BlankingDeps
  readonly links: LinkDeps & OpenMediaDeps
  readonly audit: LinkAudit
}

export function createMediaDeps(
  backend: Backend,
  submitter: CommandSubmitter,
  settings: Settings,
  audit: LinkAudit,
): MediaDeps {
  const { clock, attachments, blobs, timeline, objects } = backend
  const { links, strictLinks, verifier } = createMediaLinks(settings)
  return {
    audit,
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
      strictLinks,
      verifier,
      isCondemned: async (blob) => (await blobs.read(blob))?.state !== 'live',
      readerOf: (userId, conversationId) => requireReader(backend, userId, conversationId),
      onGiven: (userId, given) => audit.linksGiven(userId, given),
    },
  }
}
