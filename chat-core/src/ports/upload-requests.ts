import type { RequestFrameOf, UploadState, UserId } from '@satchel/protocol'

/** What is asked about one upload from its plan to its end, as in the protocol. */
export type UploadRequest = {
  [Name in UploadRequestName]: Omit<RequestFrameOf<Name>, 'requestId'>
}[UploadRequestName]

export type UploadRequestName =
  'begin_upload' | 'upload_parts' | 'upload_status' | 'complete_upload' | 'abort_upload'

/** Does what this user asks and tells how the upload stands then; rejects with a `ChatError`. */
export type AnswerUploadRequest = (userId: UserId, request: UploadRequest) => Promise<UploadState>

/**
 * Requests about uploads that another process answers. Each may be asked again: the same is done once.
 *
 * - `ask` gives `undefined` when there is no answer: nobody serves, none came in time, or it cannot be read. Then it
 *   may have been done nevertheless. It rejects as the answer did, and with `unavailable` when as much is asked as may be.
 * - `serve` takes its share of what is asked. The function it returns takes nothing more, and resolves when what was
 *   taken is answered, or after some seconds: whoever asked gets no answer then.
 */
export interface UploadRequests {
  ask(userId: UserId, request: UploadRequest): Promise<UploadState | undefined>
  serve(answer: AnswerUploadRequest): () => Promise<void>
}
