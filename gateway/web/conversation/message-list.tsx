import { useEffect, useMemo, useRef } from 'preact/hooks'
import { useSession } from '../session/session-context.ts'
import { arrangeMessages } from './arrange-messages.ts'
import { Beginning } from './beginning.tsx'
import { useConversation } from './conversation-context.ts'
import { JumpButton } from './jump-button.tsx'
import { LoadFailed } from './load-failed.tsx'
import { MessageLines } from './message-lines.tsx'
import { MessageSkeleton } from './message-skeleton.tsx'
import { moveMessageFocus } from './move-message-focus.ts'
import type { ScrollAnchor } from './scroll-anchor.ts'
import type { History } from './use-history.ts'
import { useReadByOthers } from './use-read-marks.ts'
import { useReading } from './use-reading.ts'
import { useScrollAnchor } from './use-scroll-anchor.ts'

interface MessageListProps {
  readonly history: History
  readonly readUpTo: number | undefined
  readonly highlightedSeq: number | undefined
  /** Tells how to scroll, once that is possible. */
  readonly onAnchor: (anchor: ScrollAnchor | undefined) => void
}

export function MessageList({ history, readUpTo, highlightedSeq, onAnchor }: MessageListProps) {
  const { conversation } = useConversation()
  const { me } = useSession()
  const scroller = useRef<HTMLDivElement>(null)
  const column = useRef<HTMLDivElement>(null)
  const anchor = useScrollAnchor(scroller, column)
  const readByOthers = useReadByOthers(conversation)
  const { messages, notices, hasOlder } = conversation
  const { isUnknown, failure, retry } = history
  const rows = useMemo(() => {
    const isFromBeginning = !hasOlder
    const all = { messages, notices, readUpTo, isFromBeginning, myId: me.id }
    return isUnknown ? [] : arrangeMessages(all)
  }, [messages, notices, readUpTo, hasOlder, isUnknown, me.id])
  const { isAtEnd, onScroll } = useReading({ conversation, anchor, scroller, history, rows })
  useEffect(() => onAnchor(anchor), [anchor, onAnchor])
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
          {isUnknown && failure === undefined && <MessageSkeleton />}
          {isUnknown && failure !== undefined && <LoadFailed failure={failure} onRetry={retry} />}
          {!isUnknown && !hasOlder && <Beginning />}
          <MessageLines
            rows={rows}
            history={history}
            readByOthers={readByOthers}
            highlightedSeq={highlightedSeq}
          />
        </div>
      </div>
      {!isAtEnd && (
        <JumpButton unread={conversation.entry?.unread ?? 0} onJump={() => anchor?.toEnd()} />
      )}
    </div>
  )
}
