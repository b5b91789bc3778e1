import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import { useSession } from '../session/session-context.ts'
import { Icon } from '../ui/icon.tsx'
import { arrangeMessages } from './arrange-messages.ts'
import { Beginning } from './beginning.tsx'
import { useConversation } from './conversation-context.ts'
import { moveMessageFocus } from './move-message-focus.ts'
import type { ScrollAnchor } from './scroll-anchor.ts'
import { MessageLines } from './message-lines.tsx'
import { MessageSkeleton } from './message-skeleton.tsx'
import type { History } from './use-history.ts'
import { useReadByOthers } from './use-read-marks.ts'
import { useScrollAnchor } from './use-scroll-anchor.ts'
import { useMarkRead } from './use-mark-read.ts'

interface MessageListProps {
  readonly history: History
  readonly readUpTo: number | undefined
  readonly highlightedSeq: number | undefined
  /** Tells how to scroll, once that is possible. */
  readonly onAnchor: (anchor: ScrollAnchor | undefined) => void
}

/** Older messages are asked for before the reader comes to the first. */
const LOAD_AHEAD = 900

export function MessageList({ history, readUpTo, highlightedSeq, onAnchor }: MessageListProps) {
  const { conversation } = useConversation()
  const { me } = useSession()
  const scroller = useRef<HTMLDivElement>(null)
  const column = useRef<HTMLDivElement>(null)
  const anchor = useScrollAnchor(scroller, column)
  const [isAtEnd, setAtEnd] = useState(true)
  const isPlaced = useRef(false)
  const readByOthers = useReadByOthers(conversation)
  const { messages, notices } = conversation
  const rows = useMemo(
    () => arrangeMessages({ messages, notices, readUpTo, myId: me.id }),
    [messages, notices, readUpTo, me.id],
  )
  const markRead = useMarkRead(conversation, anchor)

  useEffect(() => onAnchor(anchor), [anchor, onAnchor])
  useLayoutEffect(() => {
    if (isPlaced.current || anchor === undefined || rows.length === 0) return
    isPlaced.current = true
    anchor.show('unread')
  }, [anchor, rows])
  useEffect(() => {
    const top = scroller.current?.scrollTop ?? 0
    if (!history.hasFailed && top < LOAD_AHEAD) history.loadOlder()
    markRead()
  })

  const onScroll = (): void => {
    anchor?.remember()
    setAtEnd(anchor?.isAtEnd ?? true)
    if ((scroller.current?.scrollTop ?? 0) < LOAD_AHEAD) history.loadOlder()
    markRead()
  }
  const unread = conversation.entry?.unread ?? 0
  return (
    <div class="message-area">
      <div
        ref={scroller}
        class="message-scroller scrolls"
        tabIndex={0}
        role="region"
        aria-label="Messages"
        aria-busy={history.isLoading}
        onScroll={onScroll}
        onKeyDown={(event) => {
          if (moveMessageFocus(column.current, event.key)) event.preventDefault()
        }}
      >
        <div ref={column} class="message-column" role="list">
          {history.isUnknown && !history.hasFailed && <MessageSkeleton />}
          {!history.isUnknown && !conversation.hasOlder && <Beginning />}
          <MessageLines
            rows={rows}
            history={history}
            readByOthers={readByOthers}
            highlightedSeq={highlightedSeq}
          />
        </div>
      </div>
      {!isAtEnd && (
        <button type="button" class="jump" onClick={() => anchor?.toEnd()}>
          <Icon name="down" size={18} />
          {unread === 0 ? 'Latest' : `${String(unread)} new`}
        </button>
      )}
    </div>
  )
}
