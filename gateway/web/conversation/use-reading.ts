import type { Conversation } from '@satchel/client'
import type { RefObject } from 'preact'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { Row } from './arrange-messages.ts'
import type { ScrollAnchor } from './scroll-anchor.ts'
import type { History } from './use-history.ts'
import { useMarkRead } from './use-mark-read.ts'

interface ReadingInput {
  readonly conversation: Conversation
  readonly anchor: ScrollAnchor | undefined
  readonly scroller: RefObject<HTMLElement | null>
  readonly history: History
  readonly rows: readonly Row[]
}

/** Older messages are asked for before the reader comes to the first. */
const LOAD_AHEAD = 900

/** Begins at what is new, asks for more in time, and notes what has been read. */
export function useReading({ conversation, anchor, scroller, history, rows }: ReadingInput): {
  readonly isAtEnd: boolean
  readonly onScroll: () => void
} {
  const [isAtEnd, setAtEnd] = useState(true)
  const isPlaced = useRef(false)
  const markRead = useMarkRead(conversation, anchor)
  const loadAhead = (): void => {
    const top = scroller.current?.scrollTop ?? 0
    if (history.failure === undefined && top < LOAD_AHEAD) history.loadOlder()
  }
  useLayoutEffect(() => {
    if (isPlaced.current || anchor === undefined || rows.length === 0) return
    isPlaced.current = true
    anchor.show('unread')
  }, [anchor, rows])
  useEffect(() => {
    loadAhead()
    markRead()
  })
  return {
    isAtEnd,
    onScroll: () => {
      anchor?.remember()
      setAtEnd(anchor?.isAtEnd ?? true)
      loadAhead()
      markRead()
    },
  }
}
