import type { BeginUpload, ConversationId, UserId } from '@satchel/protocol'
import type { AttachmentCatalogue } from '../ports/attachment-catalogue.ts'
import type { Clock } from '../ports/clock.ts'
import type { JobQueue } from '../ports/job-queue.ts'
import type { Members } from '../ports/members.ts'
import type { ObjectStore } from '../ports/object-store.ts'
import type { QuotaWindows } from '../ports/quota-windows.ts'
import type { UploadTarget } from '../ports/upload-target.ts'
import type { UploadSettings } from './upload-settings.ts'

/** What uploads need of the world; each function takes the part it uses. */
export interface UploadDeps {
  readonly attachments: AttachmentCatalogue
  readonly uploadTarget: UploadTarget
  readonly objects: ObjectStore
  readonly jobs: JobQueue
  readonly members: Members
  readonly quotas: QuotaWindows
  readonly clock: Clock
  readonly settings: UploadSettings
  /** The id of the conversation an upload names; `bad_request` unless it is exactly one. */
  readonly requireTarget: (
    asking: UserId,
    target: Pick<BeginUpload, 'conversationId' | 'to'>,
  ) => ConversationId
  /** False in load tests: quotas per user are not kept. */
  readonly enforceQuotas: boolean
}
