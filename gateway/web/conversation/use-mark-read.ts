import type { Conversation } from '@satchel/client'
import { useCallback, useEffect } from 'preact/hooks'
import type { ScrollAnchor } from './scroll-anchor.ts'

/** Marks as read what can be seen, while somebody is looking. Call the result whenever that may have changed. */
export function useMarkRead(
  conversation: Conversation,
  anchor: ScrollAnchor | undefined,
): () => void {
  const mark = useCallback(() => {
    if (anchor === undefined || document.visibilityState === 'hidden' || !document.hasFocus())
      return
    const seq = Number(anchor.lastVisible()?.dataset['seq'] ?? 0)
    if (seq <= (conversation.entry?.read.seq ?? 0)) return
    // Said again with the next message or the next connection.
    conversation.markRead(seq).catch(() => undefined)
  }, [conversation, anchor])
  useEffect(() => {
    addEventListener('focus', mark)
    document.addEventListener('visibilitychange', mark)
    return () => {
      removeEventListener('focus', mark)
      document.removeEventListener('visibilitychange', mark)
    }
  }, [mark])
  return mark
}
