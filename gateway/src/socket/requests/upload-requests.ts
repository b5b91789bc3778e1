import {
  abortUpload,
  beginUpload,
  completeUpload,
  forwardAttachment,
  uploadParts,
  uploadStatus,
  type ForwardDeps,
  type ReportDeps,
} from '@satchel/chat-core'
import { requireCapability } from '../../tokens/require-capability.ts'
import type { RequestHandlers } from './request-handlers.ts'

type UploadRequest =
  | 'begin_upload'
  | 'upload_parts'
  | 'upload_status'
  | 'complete_upload'
  | 'abort_upload'
  | 'forward_attachment'

/** An upload from its plan to its last byte; the bytes themselves go elsewhere. */
export function createUploadRequests(
  deps: ForwardDeps & ReportDeps,
): Pick<RequestHandlers, UploadRequest> {
  return {
    async begin_upload({ userId, identity }, { upload }) {
      requireCapability(identity, 'upload')
      return beginUpload(deps, userId, upload)
    },
    async upload_parts({ userId, identity }, { attachmentId, parts }) {
      requireCapability(identity, 'upload')
      return uploadParts(deps, userId, attachmentId, parts)
    },
    async upload_status({ userId, identity }, { attachmentId }) {
      requireCapability(identity, 'upload')
      return uploadStatus(deps, userId, attachmentId)
    },
    async complete_upload({ userId, identity }, { attachmentId }) {
      requireCapability(identity, 'upload')
      return completeUpload(deps, userId, attachmentId)
    },
    async forward_attachment({ userId, identity }, { forward }) {
      requireCapability(identity, 'upload')
      return forwardAttachment(deps, userId, forward)
    },
    async abort_upload({ userId, identity }, { attachmentId }) {
      requireCapability(identity, 'upload')
      return abortUpload(deps, userId, attachmentId)
    },
  }
}
