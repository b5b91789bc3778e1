import type { Conversation } from '@satchel/client'
import { useCallback, useEffect, useState } from 'preact/hooks'

/**
 * Where the divider above what is new stands: at what was read when the conversation was opened, or
 * when its window was left. `clear`: the reader has answered, so all of it is read.
 */
export function useUnreadDivider(conversation: Conversation): {
  readonly readUpTo: number | undefined
  readonly clear: () => void
} {
  const [readUpTo, setReadUpTo] = useState(() => readSeq(conversation))
  useEffect(() => {
    const onVisibility = (): void => {
      if (document.visibilityState === 'hidden') setReadUpTo(conversation.entry?.read.seq)
    }
    document.addEventListener('visibilitychange', onVisibility)
    return () => document.removeEventListener('visibilitychange', onVisibility)
  }, [conversation])
  const clear = useCallback(() => setReadUpTo(undefined), [])
  return { readUpTo, clear }
}

function readSeq({ entry }: Conversation): number | undefined {
  return entry === undefined || entry.unread === 0 ? undefined : entry.read.seq
}
