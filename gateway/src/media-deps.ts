import {
  askForUploads,
  createMediaLinks,
  createUploadAnswers,
  createUploadDeps,
  requireMessageAttachment,
  requireReader,
  requireTarget,
  type CommandSubmitter,
  type BlankingDeps,
  type ForwardDeps,
  type LinkDeps,
  type OpenMediaDeps,
  type ReportDeps,
} from '@satchel/chat-core'
import type { Backend } from '@satchel/chat-core/backends'
import type { AnswerUploadRequest } from '@satchel/chat-core/ports'
import type { Settings } from '@satchel/chat-core/runtime'
import { openLinkAudit, type LinkAudit, type LinkAuditDeps } from './audit/link-audit.ts'
import type { GatewayTelemetry } from './gateway-telemetry.ts'

/** What uploads and links need, for sockets and HTTP alike. */
export interface MediaDeps {
  readonly uploads: ForwardDeps & ReportDeps & BlankingDeps
  readonly answerUploadRequest: AnswerUploadRequest
  readonly links: LinkDeps & OpenMediaDeps
  readonly audit: LinkAudit
}

export interface MediaSurroundings extends LinkAuditDeps {
  readonly backend: Backend
  readonly submitter: CommandSubmitter
  readonly settings: Settings
  readonly telemetry: Pick<GatewayTelemetry, 'uploadUnserved'>
}

/** Throws `SettingsError` when the record of links cannot be written. */
export async function openMediaDeps(surroundings: MediaSurroundings): Promise<MediaDeps> {
  const { backend, submitter, settings, telemetry } = surroundings
  const audit = await openLinkAudit(surroundings)
  const { clock, attachments, blobs, timeline, objects } = backend
  const { links, strictLinks, verifier } = createMediaLinks(settings)
  const readerOf: LinkDeps['readerOf'] = (userId, conversationId) =>
    requireReader(backend, userId, conversationId)
  const uploads = createUploadDeps(backend, {
    settings,
    requireTarget,
    report: (result) => submitter.report(result),
  })
  const answerHere = createUploadAnswers(uploads)
  return {
    audit,
    // Media workers do it where there are any: none of it is the work of whoever keeps the sockets.
    answerUploadRequest:
      backend.cluster === undefined
        ? answerHere
        : askForUploads(backend.cluster.uploadRequests, (...asked) => {
            telemetry.uploadUnserved()
            return answerHere(...asked)
          }),
    uploads: {
      ...uploads,
      blobs,
      requireSource: async (userId, from) =>
        requireMessageAttachment(
          backend,
          from,
          (await readerOf(userId, from.conversationId)).hiddenUpTo,
        ),
    },
    links: {
      attachments,
      timeline,
      objects,
      clock,
      links,
      strictLinks,
      verifier,
      isCondemned: async (blob) => (await blobs.read(blob))?.state !== 'live',
      readerOf,
      onGiven: (userId, given) => audit.linksGiven(userId, given),
    },
  }
}
