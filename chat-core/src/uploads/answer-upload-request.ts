import type { AnswerUploadRequest, UploadRequests } from '../ports/upload-requests.ts'
import { abortUpload } from './abort-upload.ts'
import { beginUpload } from './begin-upload.ts'
import { completeUpload } from './complete-upload.ts'
import type { ExpireDeps } from './expire-upload.ts'
import { uploadStatus } from './read-upload.ts'
import type { UploadDeps } from './upload-deps.ts'
import { uploadParts } from './upload-parts.ts'

/** Answers requests about uploads in this process. */
export function createUploadAnswers(deps: UploadDeps & ExpireDeps): AnswerUploadRequest {
  return async (userId, request) => {
    switch (request.type) {
      case 'begin_upload':
        return beginUpload(deps, userId, request.upload)
      case 'upload_parts':
        return uploadParts(deps, userId, request.attachmentId, request.parts)
      case 'upload_status':
        return uploadStatus(deps, userId, request.attachmentId)
      case 'complete_upload':
        return completeUpload(deps, userId, request.attachmentId)
      case 'abort_upload':
        return abortUpload(deps, userId, request.attachmentId)
      default:
        return request satisfies never
    }
  }
}

/** Asks whoever serves them; what gets no answer is answered here. */
export function askForUploads(
  requests: Pick<UploadRequests, 'ask'>,
  answerHere: AnswerUploadRequest,
): AnswerUploadRequest {
  return async (userId, request) => {
    const answer = await requests.ask(userId, request)
    return answer ?? answerHere(userId, request)
  }
}
