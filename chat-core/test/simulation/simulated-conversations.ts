import type { ConversationStore } from '../../src/ports/conversation-store.ts'
import type { Timeline } from '../../src/ports/timeline.ts'
import type { Breakage } from './breakage.ts'
import type { SimulatedProcess } from './simulated-process.ts'
import type { SimulatedStore } from './simulated-store.ts'

export interface SimulatedConversationsOptions {
  readonly process: SimulatedProcess
  readonly store: SimulatedStore
  readonly breakage: Breakage | undefined
}

/** One process's way to the store: rows elsewhere first, one by one, and the conversation itself last. */
export function openSimulatedConversations({
  process,
  store,
  breakage,
}: SimulatedConversationsOptions): ConversationStore {
  const call = <Result>(what: string, apply: () => Result): Promise<Result> =>
    process.call('store', what, apply)

  const conversations: ConversationStore = {
    atomicCommit: false,
    async read(id) {
      const stored = await call(`read ${id}`, () => store.readConversation(id))
      if (stored === undefined) return undefined
      if (breakage === 'positions are not checked')
        return { ...stored, position: { generation: 1, record: 0, index: 0 } }
      if (breakage !== 'the head is read apart') return stored
      // Long enough for somebody else's commit to come between.
      await new Promise<void>((resolve) => process.timers.after(300, resolve))
      const head = await call(`read head of ${id}`, () => store.readHead(id))
      const rows = stored.rows.map((row) =>
        row.row === 'head' && head !== undefined ? { ...row, value: head } : row,
      )
      return { ...stored, rows }
    },
    async commit(commit) {
      const { conversationId: id, events, parts, reactions, inbox } = commit
      await Promise.all([
        ...events.map((event) =>
          call(`write event ${event.seq} of ${id}`, () => store.writeEvent(commit, event)),
        ),
        ...parts.map((part) => call(`write part of ${id}`, () => store.writePart(commit, part))),
        ...reactions.map((reaction) =>
          call(`write reaction of ${id}`, () => store.writeReaction(commit, reaction)),
        ),
        ...inbox.map((change) =>
          call(`write inbox of ${change.userId}`, () => store.writeInbox(commit, change)),
        ),
      ])
      await call(`commit ${id}`, () => store.writeRows(commit))
    },
  }
  if (breakage !== 'answers come before commits') return conversations
  return {
    ...conversations,
    commit: async (commit) => {
      conversations.commit(commit).catch(() => undefined)
    },
  }
}

export function openSimulatedTimeline(process: SimulatedProcess, store: SimulatedStore): Timeline {
  return {
    read: (id, range) =>
      process.call('store', `read events of ${id}`, () => store.readTimeline(id, range)),
    readFacts: (id, seqs) =>
      process.call('store', `read facts of ${id}`, () => store.readFacts(id, seqs)),
  }
}
