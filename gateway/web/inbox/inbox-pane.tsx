import { useState } from 'preact/hooks'
import { usePresence } from '../people/use-presence.ts'
import { useAttempt } from '../session/use-attempt.ts'
import { useSession } from '../session/session-context.ts'
import { Icon } from '../ui/icon.tsx'
import { useChange } from '../ui/use-change.ts'
import { useNow } from '../ui/use-now.ts'
import type { Place } from '../session/place.ts'
import { AccountButton } from './account-button.tsx'
import { InboxRow } from './inbox-row.tsx'
import { InboxSkeleton } from './inbox-skeleton.tsx'
import { NewConversationDialog } from './new-conversation-dialog.tsx'

interface InboxPaneProps {
  readonly openId: string | undefined
  readonly isLoading: boolean
  readonly onOpen: (place: Place) => void
}

const WATCHED_PEERS = 40
/** Older lines are asked for this far before the end. */
const LOAD_AHEAD = 400

export function InboxPane({ openId, isLoading, onOpen }: InboxPaneProps) {
  const { chat, names } = useSession()
  const attempt = useAttempt()
  const now = useNow()
  const [isCreating, setCreating] = useState(false)
  const [isLoadingMore, setLoadingMore] = useState(false)
  useChange(chat.inbox)
  useChange(names)
  const { conversations, hasMore } = chat.inbox
  const peers = conversations.flatMap(({ peerId }) => peerId ?? [])
  const presence = usePresence(peers.slice(0, WATCHED_PEERS))
  const loadMore = (): void => {
    if (isLoadingMore || !hasMore || conversations.length === 0) return
    setLoadingMore(true)
    attempt(chat.inbox.loadMore().finally(() => setLoadingMore(false)))
  }
  return (
    <nav class="pane inbox-pane" aria-label="Conversations">
      <header class="pane-header">
        <AccountButton />
        <h1>Chats</h1>
        <button
          type="button"
          class="icon-button"
          aria-label="New conversation"
          title="New conversation"
          onClick={() => setCreating(true)}
        >
          <Icon name="compose" />
        </button>
      </header>
      <div
        class="inbox-list scrolls"
        aria-busy={isLoading}
        onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
          if (scrollHeight - scrollTop - clientHeight < LOAD_AHEAD) loadMore()
        }}
      >
        {isLoading && conversations.length === 0 && <InboxSkeleton />}
        {!isLoading && conversations.length === 0 && (
          <EmptyInbox onCreate={() => setCreating(true)} />
        )}
        <ul>
          {conversations.map((entry) => (
            <li key={entry.conversationId}>
              <InboxRow
                entry={entry}
                isOpen={entry.conversationId === openId}
                isOnline={presence.isOnline(entry.peerId)}
                nowMs={now}
              />
            </li>
          ))}
        </ul>
      </div>
      {isCreating && <NewConversationDialog onClose={() => setCreating(false)} onOpen={onOpen} />}
    </nav>
  )
}

function EmptyInbox({ onCreate }: { readonly onCreate: () => void }) {
  return (
    <div class="empty">
      <span class="glyph">
        <Icon name="compose" size={28} />
      </span>
      <h2>No conversations yet</h2>
      <p>Write to somebody, or bring a few people together in a group.</p>
      <button type="button" class="button primary" onClick={onCreate}>
        Start a conversation
      </button>
    </div>
  )
}
