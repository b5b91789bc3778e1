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
    const seq = anchor.isAtEnd ? lastSeq(conversation) : seqAt(anchor.lastVisible())
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

function lastSeq({ messages, notices }: Conversation): number {
  const message = messages.findLast(({ seq }) => seq !== undefined)
  return Math.max(message?.seq ?? 0, notices.at(-1)?.seq ?? 0)
}

function seqAt(line: HTMLElement | undefined): number {
  return Number(line?.dataset['seq'] ?? 0)
}
