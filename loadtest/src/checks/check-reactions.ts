import type { Seq } from '@satchel/protocol'
import { reactionName } from '../event-trace.ts'
import type { Findings } from '../findings.ts'
import type { History } from '../journal.ts'

/** Every message shows the reactions that its conversation's events leave: rows and events agree. */
export function checkReactions({ conversationId, events }: History, findings: Findings): void {
  const folded = new Map<Seq, Set<string>>()
  for (const { target, authorId, reaction } of events) {
    if (target === undefined || reaction === undefined) continue
    const names = folded.get(target) ?? new Set<string>()
    folded.set(target, names)
    const name = reactionName(reaction.emoji, authorId)
    if (reaction.removed) names.delete(name)
    else names.add(name)
  }
  for (const { seq, kind, parts, reactions } of events) {
    // What a deleted message's readers see of reactions is no promise.
    if (kind !== 'message_sent' || parts.some(({ isFinal }) => isFinal)) continue
    const expected = [...(folded.get(seq) ?? [])].sort()
    if (expected.join() !== reactions.join())
      findings.report(
        'lost',
        `${conversationId}/${seq} shows [${reactions.join()}], its events leave [${expected.join()}]`,
      )
  }
}
