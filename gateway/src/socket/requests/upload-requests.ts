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
    upload_parts: ({ userId }, { attachmentId, parts }) =>
      uploadParts(deps, userId, attachmentId, parts),
    upload_status: ({ userId }, { attachmentId }) => uploadStatus(deps, userId, attachmentId),
    complete_upload: ({ userId }, { attachmentId }) => completeUpload(deps, userId, attachmentId),
    async forward_attachment({ userId, identity }, { forward }) {
      requireCapability(identity, 'upload')
      return forwardAttachment(deps, userId, forward)
    },
    abort_upload: ({ userId }, { attachmentId }) => abortUpload(deps, userId, attachmentId),
  }
}
