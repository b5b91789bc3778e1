export { ChatError } from '@satchel/protocol'
export type {
  Activity,
  Attachment,
  AttachmentId,
  AttachmentState,
  ConversationDetails,
  ConversationEvent,
  ConversationId,
  ConversationKind,
  ErrorCode,
  EventContent,
  EventKind,
  InboxEntry,
  Member,
  PresenceState,
  Role,
  Seq,
  User,
  UserId,
  Variant,
} from '@satchel/protocol'
export type { ActiveMembers } from './activities.ts'
export {
  ChatClient,
  type ChatClientEvents,
  type ChatClientOptions,
  type UploadOptions,
} from './chat-client.ts'
export type { Clock } from './clock.ts'
export type { CommandTarget } from './command-target.ts'
export type { ClosedReason, ConnectionState } from './connection-state.ts'
export { Conversation } from './conversation.ts'
export type { ConversationEvents, HistoryPage, HistoryRequest } from './conversation-events.ts'
export type { Unsubscribe } from './emitter.ts'
export { Inbox, type InboxEvents } from './inbox.ts'
export { createIndexedDbStorage, type IndexedDbStorageOptions } from './indexed-db-storage.ts'
export type { AttachmentTarget } from './attachment-target.ts'
export type { AttachmentPlace } from './links.ts'
export type { MemberMarks } from './mark-sender.ts'
export type { LocalState, Message, MessageAttachment, Reaction } from './message.ts'
export type {
  MessageEdit,
  NewConversation,
  OutgoingAttachment,
  OutgoingMessage,
  Sent,
} from './outgoing.ts'
export { createPartTransport, type PartTransport } from './part-transport.ts'
export { Presence, type PresenceEvents } from './presence.ts'
export type { MembersPage, MembersRequest } from './read-members.ts'
export { createMemoryStorage, type OutboxStorage, type StoredEntry } from './storage.ts'
export { Upload } from './upload.ts'
export type { UploadEvents, UploadProgress, UploadSource, UploadStatus } from './upload.ts'
export type { PendingUpload, UploadSettings } from './uploads.ts'
export type { OpenWebSocket, WebSocketEvent, WebSocketLike } from './web-socket.ts'
