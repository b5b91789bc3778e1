import type { Heads } from '../../ports/heads.ts'
import { conversationKey } from './cell-key.ts'
import { readHead } from './conversation-rows.ts'
import type { EmbeddedStore } from './embedded-store.ts'

/** Heads as the store holds them. */
export function openEmbeddedHeads(store: Pick<EmbeddedStore, 'databases'>): Heads {
  const cells = store.databases.conversations
  return {
    async read(conversationIds) {
      return conversationIds.map((id) => readHead(cells, conversationKey(id)))
    },
    publish: () => Promise.resolve(),
  }
}
