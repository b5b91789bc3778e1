import type { ConversationId } from '@satchel/protocol'
import type { LogPosition } from '../../ports/command-log.ts'
import type {
  ConversationCommit,
  ConversationStore,
  StoredConversation,
} from '../../ports/conversation-store.ts'
import { conversationKey } from './cell-key.ts'
import { comparePositions, readPosition, readRows, writeRows } from './conversation-rows.ts'
import type { EmbeddedStore } from './embedded-store.ts'
import { HotCells } from '../hot-cell.ts'
import { writeJob } from './job-rows.ts'
import { advanceMark } from './mark-rows.ts'
import { writeInbox, writeMentions } from './membership-rows.ts'
import type { StoreTransaction } from './store-transaction.ts'
import { writeReactions } from './reaction-rows.ts'
import { writeEvents, writeParts } from './timeline-rows.ts'

const REMEMBERED_POSITIONS = 10_000

/** Each commit is one part of one LMDB transaction. */
export function openEmbeddedConversationStore(
  store: Pick<EmbeddedStore, 'databases' | 'write'>,
): ConversationStore {
  const cells = store.databases.conversations
  const formats = new HotCells()
  const positions = new Map<ConversationId, LogPosition>()

  function committedPosition(id: ConversationId): LogPosition | undefined {
    return positions.get(id) ?? readPosition(cells, conversationKey(id))
  }

  function remember(id: ConversationId, position: LogPosition): void {
    positions.delete(id)
    positions.set(id, position)
    if (positions.size <= REMEMBERED_POSITIONS) return
    for (const oldest of positions.keys()) {
      positions.delete(oldest)
      break
    }
  }

  return {
    atomicCommit: true,
    async read(id): Promise<StoredConversation | undefined> {
      return readRows(cells, conversationKey(id))
    },
    async commit(commit) {
      const committed = committedPosition(commit.conversationId)
      if (committed !== undefined && comparePositions(commit.position, committed) <= 0) return
      await store.write((transaction) => stageCommit(transaction, formats, commit))
      remember(commit.conversationId, commit.position)
    },
  }
}

function stageCommit(
  transaction: StoreTransaction,
  formats: HotCells,
  commit: ConversationCommit,
): void {
  const conversation = conversationKey(commit.conversationId)
  writeEvents(transaction, formats, conversation, commit.events)
  writeParts(transaction, formats, conversation, commit.parts)
  writeReactions(transaction, conversation, commit.reactions)
  writeMentions(transaction, conversation, commit.mentions)
  writeInbox(transaction, conversation, commit.inbox)
  for (const { userId, mark } of commit.marks)
    advanceMark(transaction, conversation, userId, 'read', mark)
  for (const job of commit.jobs) writeJob(transaction, job)
  writeRows(transaction, formats, conversation, commit.rows, commit.position)
}
