import type { InboxEntry } from '@satchel/protocol'
import { useEffect, useReducer } from 'preact/hooks'
import { conversationTitle } from '../conversation/conversation-title.ts'
import { hashOf } from '../session/place.ts'
import { useSession } from '../session/session-context.ts'
import { Avatar } from '../ui/avatar.tsx'
import { describeActivity } from '../words/describe-activity.ts'
import { describeEntry } from '../words/describe-entry.ts'
import { completeTime, shortTime } from '../words/describe-time.ts'
import { count } from '../words/list-words.ts'

interface InboxRowProps {
  readonly entry: InboxEntry
  readonly isOpen: boolean
  readonly isOnline: boolean
  readonly nowMs: number
}

const COUNT_MAX = 99

export function InboxRow({ entry, isOpen, isOnline, nowMs }: InboxRowProps) {
  const { chat, me, names } = useSession()
  const { conversationId, conversationKind, peerId, unread, mentions, head } = entry
  const conversation = chat.conversation(conversationId)
  const [, renderAgain] = useReducer((number: number) => number + 1, 0)
  useEffect(() => conversation.on('activity', () => renderAgain(undefined)), [conversation])
  const nameOf = (userId: string): string => names.nameOf(userId)
  const title = conversationTitle(
    { kind: conversationKind, title: entry.title, peerId },
    names,
    me.id,
  )
  const activity = describeActivity(conversation.active, nameOf)
  const isMuted = (entry.memberSettings?.mutedUntilMs ?? 0) > nowMs
  return (
    <a
      class={`inbox-row ${unread > 0 ? 'unread' : ''}`}
      href={hashOf({ conversationId })}
      aria-current={isOpen ? 'true' : undefined}
    >
      <Avatar
        id={peerId ?? conversationId}
        name={title}
        group={conversationKind !== 'direct'}
        online={isOnline}
      />
      <div>
        <div class="line">
          <bdi class="title truncate">{title}</bdi>
          <time
            class="time"
            dateTime={new Date(head.timeMs).toISOString()}
            title={completeTime(head.timeMs)}
          >
            {shortTime(head.timeMs, nowMs)}
          </time>
        </div>
        <div class="line">
          <bdi class={`preview truncate ${activity === undefined ? '' : 'busy'}`}>
            {activity ?? describeEntry(entry, { myId: me.id, nameOf })}
          </bdi>
          {mentions > 0 && (
            <span class="badge" role="img" aria-label={count(mentions, 'mention')}>
              @
            </span>
          )}
          {unread > 0 && (
            <span
              class={`badge ${isMuted ? 'quiet' : ''}`}
              role="img"
              aria-label={count(unread, 'unread message')}
            >
              {unread > COUNT_MAX ? `${String(COUNT_MAX)}+` : unread}
            </span>
          )}
        </div>
      </div>
    </a>
  )
}
