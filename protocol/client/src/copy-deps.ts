import type { ConversationEvent, ConversationId, Seq, UserId } from '@satchel/protocol'
import type { Clock } from './clock.ts'
import type { Connection } from './connection.ts'
import type { Inbox } from './inbox.ts'
import type { Outboxes } from './outboxes.ts'
import type { Uploads } from './uploads.ts'

export interface CopyDeps<Copy> {
  readonly connection: Connection
  readonly clock: Clock
  readonly random: () => number
  readonly inbox: Inbox
  readonly outboxes: Outboxes
  readonly uploads: Uploads
  readonly myId: () => UserId | undefined
  /** Somebody listens to the events of all conversations. */
  readonly isEverythingWatched: () => boolean
  readonly onOpen: (copy: Copy) => void
  readonly onEvent: (copy: Copy, event: ConversationEvent) => void
  /** An answer has told the id of a direct conversation. */
  readonly onId: (copy: Copy, conversationId: ConversationId, seq: Seq | undefined) => void
  /** Binds the copy of this person's conversation if there is one; settles when that is known. */
  readonly findDirect: (peerId: UserId) => Promise<void>
  /** The inbox has no line for it, or an out-of-date one. */
  readonly refreshEntry: (conversationId: ConversationId) => void
}
