import { forwardAttachment, type ForwardDeps } from '@satchel/chat-core'
import type {
  AnswerUploadRequest,
  UploadRequest,
  UploadRequestName,
} from '@satchel/chat-core/ports'
import { requireCapability } from '../../tokens/require-capability.ts'
import type { Session } from '../session.ts'
import type { RequestHandlers } from './request-handlers.ts'

export interface UploadRequestsDeps {
  readonly uploads: ForwardDeps
  readonly answerUploadRequest: AnswerUploadRequest
}

/** An upload from its plan to its last byte; the bytes themselves go elsewhere. */
export function createUploadRequests({
  uploads,
  answerUploadRequest,
}: UploadRequestsDeps): Pick<RequestHandlers, UploadRequestName | 'forward_attachment'> {
  const answer = async ({ userId, identity }: Session, request: UploadRequest) => {
    requireCapability(identity, 'upload')
    return answerUploadRequest(userId, request)
  }
  return {
    begin_upload: answer,
    upload_parts: answer,
    upload_status: answer,
    complete_upload: answer,
    abort_upload: answer,
    async forward_attachment({ userId, identity }, { forward }) {
      requireCapability(identity, 'upload')
      return forwardAttachment(uploads, userId, forward)
    },
  }
}
