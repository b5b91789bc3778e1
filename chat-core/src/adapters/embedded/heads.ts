import type { Heads } from '../../ports/heads.ts'
import { conversationKey } from './cell-key.ts'
import { readHead } from './conversation-rows.ts'
import type { EmbeddedStore } from './embedded-store.ts'
import { nextTurn } from './next-turn.ts'

const READ_IN_ONE_TURN = 250

/** Heads as the store holds them. */
export function openEmbeddedHeads(store: Pick<EmbeddedStore, 'databases'>): Heads {
  const cells = store.databases.conversations
  return {
    async read(conversationIds) {
      const heads: ReturnType<typeof readHead>[] = []
      for (const [index, id] of conversationIds.entries()) {
        if (index > 0 && index % READ_IN_ONE_TURN === 0) await nextTurn()
        heads.push(readHead(cells, conversationKey(id)))
      }
      return heads
    },
    publish: () => Promise.resolve(),
  }
}
