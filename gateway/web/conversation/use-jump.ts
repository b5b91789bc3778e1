import type { Conversation } from '@satchel/client'
import { useCallback, useEffect, useState } from 'preact/hooks'
import type { ScrollAnchor } from './scroll-anchor.ts'
import type { History } from './use-history.ts'

const HIGHLIGHT_MS = 1_800

/** Goes to a message, loading what is around it when needed, and makes it stand out for a moment. */
export function useJump(
  conversation: Conversation,
  anchor: ScrollAnchor | undefined,
  { loadAround }: Pick<History, 'loadAround'>,
): { readonly jumpTo: (seq: number) => void; readonly highlightedSeq: number | undefined } {
  const [target, setTarget] = useState<number | undefined>()
  const [highlightedSeq, setHighlighted] = useState<number | undefined>()
  const jumpTo = useCallback(
    (seq: number) => {
      setHighlighted(undefined)
      if (find(conversation, seq) !== undefined) setTarget(seq)
      else void loadAround(seq).then(() => setTarget(seq))
    },
    [conversation, loadAround],
  )
  // A layout later the message is on the screen.
  useEffect(() => {
    if (target === undefined || anchor === undefined) return
    setTarget(undefined)
    const message = find(conversation, target)
    if (message === undefined || !anchor.show(message.key)) return
    setHighlighted(target)
    anchor.find(message.key)?.focus({ preventScroll: true })
  }, [target, anchor, conversation])
  useEffect(() => {
    if (highlightedSeq === undefined) return undefined
    const timer = setTimeout(() => setHighlighted(undefined), HIGHLIGHT_MS)
    return () => clearTimeout(timer)
  }, [highlightedSeq])
  return { jumpTo, highlightedSeq }
}

function find({ messages }: Conversation, seq: number) {
  return messages.find((message) => message.seq === seq)
}
