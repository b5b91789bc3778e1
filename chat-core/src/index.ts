export { CommandSubmitter, type CommandLine } from './command-submitter.ts'
export { requireTarget } from './conversation-target.ts'
export { createSubmitter } from './create-submitter.ts'
export { createOwnerTelemetry } from './owner/owner-telemetry.ts'
export { countOwnership, createOwnershipTelemetry } from './owner/ownership-telemetry.ts'
export { startOwner } from './owner/start-owner.ts'
export { bareChange, changedMessageOf } from './queries/bare-change.ts'
export { catchUp, type CaughtUp } from './queries/catch-up.ts'
export { followChannel, unfollowChannel } from './queries/follow.ts'
export { markProgress, type MarkedProgress } from './queries/mark-progress.ts'
export { readHistory, type HistoryDeps } from './queries/read-history.ts'
export {
  compareHeads,
  listConversations,
  readConversation,
  readDirectConversation,
  readInbox,
  type ComparedHeads,
  type InboxDeps,
  type UserConversation,
} from './queries/read-inbox.ts'
export { readMarks, readMembers } from './queries/read-members.ts'
export { stampReaction } from './queries/stamp-reaction.ts'
export { areAcquainted, findPeople, readUsers, type PeopleDeps } from './queries/read-users.ts'
export { requireReader, type Reader, type ReaderDeps } from './queries/reader.ts'
export { createMediaLinks } from './links/create-media-links.ts'
export { deriveSecret } from './links/derive-secret.ts'
export type { MediaLinks } from './links/media-links.ts'
export { SatchelLinks } from './links/satchel-links.ts'
export { requireMessageAttachment } from './links/require-message-attachment.ts'
export { mintLinks, type GivenLink, type LinkDeps } from './links/mint-links.ts'
export { isMarkNeeded, settleMark } from './links/mark-condemned.ts'
export {
  CONDEMNED_MARKS,
  blobObjectKey,
  condemnedMarkKey,
  derivedPrefix,
  objectKeyOf,
  pipelinePrefix,
} from './links/object-keys.ts'
export {
  openMedia,
  type MediaRequest,
  type MediaResponse,
  type OpenMediaDeps,
} from './links/open-media.ts'
export { withEventLinks } from './links/thumbnail-links.ts'
export { abortUpload } from './uploads/abort-upload.ts'
export { attachmentOf } from './uploads/attachment-of.ts'
export { askForUploads, createUploadAnswers } from './uploads/answer-upload-request.ts'
export { beginUpload } from './uploads/begin-upload.ts'
export { changeAttachment } from './uploads/change-attachment.ts'
export { createUploadDeps } from './uploads/create-upload-deps.ts'
export { completeUpload } from './uploads/complete-upload.ts'
export type { BlankingDeps, EraseDeps } from './uploads/erase-user.ts'
export { HLS_VARIANT, enqueueHls, hasHls, hlsJobId, isHlsOwed } from './uploads/enqueue-hls.ts'
export { enqueueProcessing, processingJobId } from './uploads/enqueue-processing.ts'
export { expireUpload, type ExpireDeps } from './uploads/expire-upload.ts'
export { forwardAttachment, type ForwardDeps } from './uploads/forward-attachment.ts'
export { readUploadProgress } from './uploads/read-upload-progress.ts'
export { uploadStatus } from './uploads/read-upload.ts'
export { receivePart } from './uploads/receive-part.ts'
export { releaseBytes } from './uploads/release-bytes.ts'
export { reportResult, type AttachmentResult, type ReportDeps } from './uploads/report-result.ts'
export { retainedUntilMs } from './uploads/retained-until.ts'
export { runConversationJob } from './uploads/run-conversation-job.ts'
export { stampAttachments } from './uploads/stamp-attachments.ts'
export type { UploadDeps } from './uploads/upload-deps.ts'
export { uploadParts } from './uploads/upload-parts.ts'
export {
  DEFAULT_UPLOAD_SETTINGS,
  isTypeAllowed,
  type UploadSettings,
} from './uploads/upload-settings.ts'
