import { ChatError, type ConversationId, type UserId } from '@satchel/protocol'
import type { CommandContent } from '../domain/command.ts'
import type { Settings } from '../runtime/index.ts'
import type { BlankingDeps } from './erase-user.ts'
import type { ReportDeps } from './report-result.ts'
import type { UploadDeps } from './upload-deps.ts'
import { DEFAULT_UPLOAD_SETTINGS, type UploadSettings } from './upload-settings.ts'

const DAY_MS = 24 * 60 * 60 * 1_000

type UploadRules = Pick<
  Settings,
  | 'uploadMaxBytes'
  | 'uploadBytesPerDay'
  | 'uploadFilesPerDay'
  | 'uploadTypesRefused'
  | 'uploadIdleMs'
  | 'uploadAgeMs'
  | 'uploadUnattachedMs'
  | 'blobGraceMs'
  | 'mediaRetentionDays'
  | 'limits'
>

type UploadPorts = Omit<
  UploadDeps & ReportDeps,
  'settings' | 'requireTarget' | 'enforceQuotas' | 'submitResult'
>

export interface UploadSurroundings {
  readonly settings: UploadRules
  readonly requireTarget: UploadDeps['requireTarget']
  /** Appends a command of nobody's line; settles when it was decided. */
  readonly report: (report: Report) => Promise<unknown>
}

interface Report {
  readonly conversationId: ConversationId
  readonly authorId: UserId
  readonly content: Extract<
    CommandContent,
    { readonly kind: 'attachment_result' | 'blank_message' }
  >
}

/** What uploads need, in gateways and workers alike. */
export function createUploadDeps(
  ports: UploadPorts,
  { settings, requireTarget, report }: UploadSurroundings,
): UploadDeps & ReportDeps & BlankingDeps {
  const decided = async (asked: Report): Promise<void> => {
    try {
      await report(asked)
    } catch (error) {
      // Refused for good is decided, too: the message is gone.
      if (!(error instanceof ChatError) || error.retryable) throw error
    }
  }
  return {
    attachments: ports.attachments,
    uploadTarget: ports.uploadTarget,
    objects: ports.objects,
    jobs: ports.jobs,
    members: ports.members,
    quotas: ports.quotas,
    clock: ports.clock,
    timeline: ports.timeline,
    settings: uploadSettingsOf(settings),
    requireTarget,
    enforceQuotas: settings.limits,
    submitResult: ({ target, attachment, ...report }) =>
      decided({ ...report, content: { kind: 'attachment_result', target, attachment } }),
    submitBlanking: ({ target, ...report }) =>
      decided({ ...report, content: { kind: 'blank_message', target } }),
  }
}

function uploadSettingsOf(settings: UploadRules): UploadSettings {
  return {
    ...DEFAULT_UPLOAD_SETTINGS,
    maxBytes: settings.uploadMaxBytes,
    bytesPerUserAndDay: settings.uploadBytesPerDay,
    filesPerUserAndDay: settings.uploadFilesPerDay,
    refusedTypes: settings.uploadTypesRefused,
    idleMs: settings.uploadIdleMs,
    ageMs: settings.uploadAgeMs,
    unattachedMs: settings.uploadUnattachedMs,
    graceMs: settings.blobGraceMs,
    retentionMs:
      settings.mediaRetentionDays === 0 ? undefined : settings.mediaRetentionDays * DAY_MS,
  }
}
