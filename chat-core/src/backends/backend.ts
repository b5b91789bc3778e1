import type {
  AttachmentCatalogue,
  BlobCatalogue,
  Clock,
  CommandLog,
  ConversationStore,
  Followers,
  GatewayBus,
  Heads,
  Inbox,
  JobQueue,
  Marks,
  Members,
  Mentions,
  ObjectStore,
  Presence,
  QuotaWindows,
  SessionRegistry,
  Timeline,
  UploadTarget,
  Users,
} from '../ports/index.ts'

/** Every port, opened together. */
export interface Backend {
  readonly clock: Clock
  readonly commandLog: CommandLog
  readonly conversations: ConversationStore
  readonly heads: Heads
  readonly timeline: Timeline
  readonly inbox: Inbox
  readonly members: Members
  readonly marks: Marks
  readonly mentions: Mentions
  readonly followers: Followers
  readonly users: Users
  readonly sessions: SessionRegistry
  readonly presence: Presence
  readonly bus: GatewayBus
  readonly quotas: QuotaWindows
  readonly attachments: AttachmentCatalogue
  readonly blobs: BlobCatalogue
  readonly objects: ObjectStore
  readonly uploadTarget: UploadTarget
  readonly jobs: JobQueue
  /** Finishes what was begun and lets go of everything, the last opened first. */
  close(): Promise<void>
}
