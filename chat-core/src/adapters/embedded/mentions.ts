import type { Mentions } from '../../ports/mentions.ts'
import { afterPrefix, conversationKey, userKey, userSeqKey } from './cell-key.ts'
import type { EmbeddedStore } from './embedded-store.ts'

/** Rows by (user, conversation, seq), everybody's under no user. */
export function openEmbeddedMentions(store: Pick<EmbeddedStore, 'databases'>): Mentions {
  const cells = store.databases.mentions
  return {
    async count(userId, conversationId, after, limit) {
      const conversation = conversationKey(conversationId)
      const seqs = new Set<string>()
      for (const user of [userId, ''] as const) {
        const range = cells.getKeys({
          start: userSeqKey(user, conversation, after + 1),
          end: afterPrefix(userKey(user, conversation)),
          limit,
        })
        // A message may mention both: it counts once.
        for (const key of range) seqs.add(Buffer.from(key.subarray(-6)).toString('hex'))
      }
      return Math.min(seqs.size, limit)
    },
  }
}
