import type { Message } from '@satchel/client'
import { memo } from 'preact/compat'
import { useMemo } from 'preact/hooks'
import { MessageRow } from '../message/message-row.tsx'
import { useSession } from '../session/session-context.ts'
import { useNow } from '../ui/use-now.ts'
import { describeNotice } from '../words/describe-notice.ts'
import { dayTitle } from '../words/describe-time.ts'
import type { Row } from './arrange-messages.ts'
import { useConversation } from './conversation-context.ts'
import { GapLine } from './gap-line.tsx'
import type { History } from './use-history.ts'

interface MessageLinesProps {
  readonly rows: readonly Row[]
  readonly history: History
  readonly readByOthers: number
  readonly highlightedSeq: number | undefined
}

const DayLine = memo(DayLineContent)
const Line = memo(MessageRow)

export function MessageLines({ rows, history, readByOthers, highlightedSeq }: MessageLinesProps) {
  const { conversation } = useConversation()
  const { me, names } = useSession()
  const now = useNow()
  const bySeq = useMemo(() => indexBySeq(rows), [rows])
  const showAuthor = conversation.kind !== 'direct'
  const nameOf = (userId: string): string => names.nameOf(userId)
  return (
    <>
      {rows.map((row) => {
        switch (row.kind) {
          case 'day':
            return <DayLine key={row.key} rowKey={row.key} title={dayTitle(row.timeMs, now)} />
          case 'unread':
            return (
              <div key={row.key} class="unread-divider" data-key={row.key} role="separator">
                New messages
              </div>
            )
          case 'gap':
            return (
              <GapLine
                key={row.key}
                rowKey={row.key}
                seq={row.beforeSeq}
                load={history.loadBefore}
              />
            )
          case 'notice': {
            const words = describeNotice(row.event, { myId: me.id, nameOf })
            if (words === undefined) return null
            return (
              <div
                key={row.key}
                class="notice"
                role="listitem"
                data-key={row.key}
                data-seq={row.event.seq}
              >
                {words}
              </div>
            )
          }
          default: {
            const { message, first, last } = row
            const { seq, replyTo } = message
            return (
              <Line
                key={row.key}
                message={message}
                quoted={replyTo === undefined ? undefined : bySeq.get(replyTo)}
                first={first}
                last={last}
                showAuthor={showAuthor}
                isRead={seq !== undefined && seq <= readByOthers}
                isHighlighted={seq !== undefined && seq === highlightedSeq}
                nameVersion={names.version}
              />
            )
          }
        }
      })}
    </>
  )
}

function DayLineContent({ rowKey, title }: { readonly rowKey: string; readonly title: string }) {
  return (
    <div class="day" data-key={rowKey} role="separator">
      <h3>{title}</h3>
    </div>
  )
}

function indexBySeq(rows: readonly Row[]): ReadonlyMap<number, Message> {
  const messages = new Map<number, Message>()
  for (const row of rows) {
    if (row.kind === 'message' && row.message.seq !== undefined)
      messages.set(row.message.seq, row.message)
  }
  return messages
}
