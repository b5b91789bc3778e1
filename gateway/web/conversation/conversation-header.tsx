import { useState } from 'preact/hooks'
import { usePresence } from '../people/use-presence.ts'
import { Avatar } from '../ui/avatar.tsx'
import { Icon } from '../ui/icon.tsx'
import { useNow } from '../ui/use-now.ts'
import { timeAgo } from '../words/describe-time.ts'
import { count } from '../words/list-words.ts'
import { useConversation } from './conversation-context.ts'
import { DetailsDialog } from './details-dialog.tsx'

interface ConversationHeaderProps {
  readonly title: string
  readonly onBack: () => void
}

export function ConversationHeader({ title, onBack }: ConversationHeaderProps) {
  const { conversation } = useConversation()
  const [showsDetails, setShowsDetails] = useState(false)
  const { peerId, kind, entry, id } = conversation
  const presence = usePresence(peerId === undefined ? [] : [peerId])
  const now = useNow()
  const isOnline = presence.isOnline(peerId)
  const seenMs = peerId === undefined ? undefined : presence.lastSeenMs(peerId)
  const members = entry === undefined ? '' : count(entry.memberCount, 'member')
  const seen = seenMs === undefined ? '' : `Last seen ${timeAgo(seenMs, now)}`
  const note = kind === 'direct' ? (isOnline ? 'Online' : seen) : members
  return (
    <header class="pane-header">
      <button
        type="button"
        class="icon-button only-phone"
        aria-label="Back to conversations"
        onClick={onBack}
      >
        <Icon name="back" />
      </button>
      <Avatar id={peerId ?? id ?? title} name={title} group={kind !== 'direct'} online={isOnline} />
      <div class="conversation-title">
        <h2 class="truncate" dir="auto">
          {title}
        </h2>
        {note !== '' && <p class="truncate">{note}</p>}
      </div>
      {entry !== undefined && (
        <button
          type="button"
          class="icon-button"
          aria-label="About this conversation"
          title="About this conversation"
          onClick={() => setShowsDetails(true)}
        >
          <Icon name="info" />
        </button>
      )}
      {showsDetails && <DetailsDialog title={title} onClose={() => setShowsDetails(false)} />}
    </header>
  )
}
