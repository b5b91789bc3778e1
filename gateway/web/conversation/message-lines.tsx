import type { Message } from '@satchel/client'
import { memo } from 'preact/compat'
import { useMemo } from 'preact/hooks'
import { MessageRow } from '../message/message-row.tsx'
import { useSession } from '../session/session-context.ts'
import type { Row } from './arrange-messages.ts'
import { useConversation } from './conversation-context.ts'
import { DayLine } from './day-line.tsx'
import { GapLine } from './gap-line.tsx'
import { NoticeLine } from './notice-line.tsx'
import type { History } from './use-history.ts'

interface MessageLinesProps {
  readonly rows: readonly Row[]
  readonly history: History
  readonly readByOthers: number
  readonly highlightedSeq: number | undefined
}

const Line = memo(MessageRow)

export function MessageLines({ rows, history, readByOthers, highlightedSeq }: MessageLinesProps) {
  const { conversation } = useConversation()
  const { names } = useSession()
  const bySeq = useMemo(() => indexBySeq(rows), [rows])
  const showAuthor = conversation.kind !== 'direct'
  const lineOf = ({ message, first, last }: Extract<Row, { kind: 'message' }>) => (
    <Line
      key={message.key}
      message={message}
      quoted={message.replyTo === undefined ? undefined : bySeq.get(message.replyTo)}
      first={first}
      last={last}
      showAuthor={showAuthor}
      isRead={message.seq !== undefined && message.seq <= readByOthers}
      isHighlighted={message.seq !== undefined && message.seq === highlightedSeq}
      nameVersion={names.version}
    />
  )
  return (
    <>
      {rows.map((row) => {
        switch (row.kind) {
          case 'day':
            return <DayLine key={row.key} rowKey={row.key} timeMs={row.timeMs} />
          case 'unread':
            return (
              <div key={row.key} class="unread-divider" data-key={row.key} role="separator">
                New messages
              </div>
            )
          case 'gap':
            return (
              <GapLine key={row.key} rowKey={row.key} gap={row.gap} loadGap={history.loadGap} />
            )
          case 'notice':
            return <NoticeLine key={row.key} row={row} />
          case 'message':
            return lineOf(row)
          default:
            return nothing(row)
        }
      })}
    </>
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

function nothing(_: never): null {
  return null
}
