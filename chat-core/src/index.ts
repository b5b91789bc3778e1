export { directConversationId } from './direct-conversation-id.ts'
export {
  DEFAULT_OWNER_BOUNDS,
  PartitionOwner,
  type OwnerBounds,
  type OwnerTelemetry,
  type PartitionOwnerDeps,
} from './owner/partition-owner.ts'
export { startOwner, type RunningOwner } from './owner/start-owner.ts'
export { catchUp, type CaughtUp } from './queries/catch-up.ts'
export { followChannel, unfollowChannel } from './queries/follow.ts'
export { markProgress, type MarkedProgress } from './queries/mark-progress.ts'
export { readHistory, type HistoryDeps, type HistoryPosition } from './queries/read-history.ts'
export {
  compareHeads,
  readConversation,
  readInbox,
  type ComparedHeads,
  type InboxDeps,
  type UserConversation,
} from './queries/read-inbox.ts'
export { readMarks, readMembers } from './queries/read-members.ts'
export { areAcquainted, findPeople, readUsers, type PeopleDeps } from './queries/read-users.ts'
export { requireReader, type Reader, type ReaderDeps } from './queries/reader.ts'
export {
  CommandSubmitter,
  type CommandLine,
  type CommandSubmitterDeps,
  type SubmitRequest,
} from './submit.ts'
