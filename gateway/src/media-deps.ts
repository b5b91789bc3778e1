import { hkdfSync } from 'node:crypto'
import { ChatError } from '@satchel/protocol'
import {
  DEFAULT_UPLOAD_SETTINGS,
  MediaLinks,
  directConversationId,
  requireReader,
  type LinkDeps,
  type CommandSubmitter,
  type OpenMediaDeps,
  type ReportDeps,
  type UploadDeps,
  type UploadSettings,
} from '@satchel/chat-core'
import type { Backend } from '@satchel/chat-core/backends'
import type { Log, Settings } from '@satchel/chat-core/runtime'

/** What uploads and links need, for sockets and HTTP alike. */
export interface MediaDeps {
  readonly uploads: UploadDeps & ReportDeps
  readonly links: LinkDeps & OpenMediaDeps
}

type MediaSettings = Pick<
  Settings,
  | 'uploadMaxBytes'
  | 'uploadBytesPerDay'
  | 'uploadTypesRefused'
  | 'uploadIdleMs'
  | 'uploadAgeMs'
  | 'uploadUnattachedMs'
  | 'blobGraceMs'
  | 'linkWindowMs'
  | 'linkSecret'
  | 'limits'
>

export function uploadSettingsOf(settings: MediaSettings): UploadSettings {
  return {
    ...DEFAULT_UPLOAD_SETTINGS,
    maxBytes: settings.uploadMaxBytes,
    bytesPerUserAndDay: settings.uploadBytesPerDay,
    refusedTypes: settings.uploadTypesRefused,
    idleMs: settings.uploadIdleMs,
    ageMs: settings.uploadAgeMs,
    unattachedMs: settings.uploadUnattachedMs,
    graceMs: settings.blobGraceMs,
  }
}

/** A secret for one purpose, from the one that operators keep. */
export function deriveSecret(
  secret: string,
  purpose: 'media links' | 'upload addresses',
): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, '', `satchel ${purpose}`, 32))
}

export function createMediaDeps(
  backend: Backend,
  submitter: CommandSubmitter,
  settings: MediaSettings,
  log: Log,
): MediaDeps {
  const { clock, attachments, timeline, objects } = backend
  const secret = deriveSecret(settings.linkSecret ?? '', 'media links')
  const links = new MediaLinks({ secret, windowMs: settings.linkWindowMs })
  return {
    uploads: {
      attachments,
      uploadTarget: backend.uploadTarget,
      objects,
      jobs: backend.jobs,
      members: backend.members,
      quotas: backend.quotas,
      clock,
      settings: uploadSettingsOf(settings),
      directConversationId,
      enforceQuotas: settings.limits,
      timeline,
      submitResult: async ({ conversationId, authorId, target, attachment }) => {
        const content = { kind: 'attachment_result', target, attachment } as const
        try {
          await submitter.report({ conversationId, authorId, content })
        } catch (error) {
          // Refused for good is decided, too: the message is gone.
          if (!(error instanceof ChatError) || error.retryable) throw error
        }
      },
    },
    links: {
      attachments,
      timeline,
      objects,
      clock,
      links,
      hiddenUpTo: async (userId, conversationId) =>
        (await requireReader(backend, userId, conversationId)).hiddenUpTo,
      onMinted: (userId, { conversationId, seq, attachmentId, variant }) =>
        log.info({ userId, conversationId, seq, attachmentId, variant }, 'link given'),
    },
  }
}
