import type {
  AttachmentCatalogue,
  BlobCatalogue,
  CatalogueWalk,
  Clock,
  ColdStorage,
  Checkpoints,
  CommandLog,
  ConversationStore,
  DeadLetters,
  Erasures,
  Followers,
  ForbiddenBytes,
  GatewayBus,
  Heads,
  Inbox,
  JobQueue,
  Marks,
  Members,
  Mentions,
  ObjectStore,
  OwnerDirectory,
  OwnerRequests,
  PartitionLog,
  Presence,
  QuotaWindows,
  SessionRegistry,
  Timeline,
  UploadRequests,
  UploadTarget,
  Users,
} from '../ports/index.ts'

/** What chat-cores divide the partitions by, and how processes ask each other. */
export interface ClusterPorts {
  /** The newest format of log records that `commandLog` can read. */
  readonly newestRecordVersion: number
  readonly partitionLog: PartitionLog
  readonly directory: OwnerDirectory
  readonly checkpoints: Checkpoints
  readonly requests: OwnerRequests
  readonly deadLetters: DeadLetters
  readonly uploadRequests: UploadRequests
}

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
  readonly erasures: Erasures
  readonly sessions: SessionRegistry
  readonly presence: Presence
  readonly bus: GatewayBus
  readonly quotas: QuotaWindows
  readonly attachments: AttachmentCatalogue
  readonly blobs: BlobCatalogue
  readonly forbidden: ForbiddenBytes
  readonly catalogueWalk: CatalogueWalk
  readonly objects: ObjectStore
  /** A second copy of what `objects` has, where one is set; only read. */
  readonly replica: ObjectStore | undefined
  /** Absent where the store has no such room. */
  readonly coldStorage: ColdStorage | undefined
  readonly uploadTarget: UploadTarget
  readonly jobs: JobQueue
  /** What several processes need to share the work; absent where one has it all. */
  readonly cluster: ClusterPorts | undefined
  /** Finishes what was begun and lets go of everything, the last opened first. */
  close(): Promise<void>
}
