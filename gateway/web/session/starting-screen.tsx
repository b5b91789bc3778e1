import type { ChatClient } from '@satchel/client'
import { useEffect, useState } from 'preact/hooks'
import { InboxSkeleton } from '../inbox/inbox-skeleton.tsx'

interface StartingScreenProps {
  readonly chat: ChatClient | undefined
  readonly onSignOut: () => void
}

/** Until the server has said who this is: the outline of what comes, and why it does not when it does not. */
export function StartingScreen({ chat, onSignOut }: StartingScreenProps) {
  const [isWaiting, setWaiting] = useState(false)
  useEffect(() => chat?.on('state', ({ status }) => setWaiting(status === 'waiting')), [chat])
  return (
    <div class="app">
      {isWaiting && (
        <div class="connection" role="status">
          <span>The server cannot be reached. Trying again…</span>
          <button type="button" class="button" onClick={onSignOut}>
            Sign out
          </button>
        </div>
      )}
      <div class="panes" data-open="false">
        <nav class="pane inbox-pane" aria-label="Conversations" aria-busy="true">
          <header class="pane-header">
            <h1>Chats</h1>
          </header>
          <div class="inbox-list">
            <InboxSkeleton />
          </div>
        </nav>
        <main class="pane conversation-pane" />
      </div>
    </div>
  )
}
