import type { Conversation } from '@satchel/client'
import { useEffect, useReducer } from 'preact/hooks'
import { useSession } from '../session/session-context.ts'

/** The seq up to which everybody else has read; 0 while that is not known. */
export function useReadByOthers(conversation: Conversation): number {
  const { me } = useSession()
  const [, renderAgain] = useReducer((count: number) => count + 1, 0)
  const { id } = conversation
  useEffect(() => {
    if (id === undefined) return undefined
    // Ticks are a courtesy: without an answer there are none.
    conversation.marks().then(
      () => renderAgain(undefined),
      () => undefined,
    )
    return conversation.on('marks', () => renderAgain(undefined))
  }, [conversation, id])
  const others = [...conversation.memberMarks.values()].filter(({ userId }) => userId !== me.id)
  const expected = conversation.kind === 'direct' ? 1 : (conversation.entry?.memberCount ?? 0) - 1
  if (others.length === 0 || others.length < expected) return 0
  return Math.min(...others.map(({ read }) => read))
}
