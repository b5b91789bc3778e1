import { useEffect, useMemo } from 'preact/hooks'
import { ConversationScreen } from '../conversation/conversation-screen.tsx'
import { InboxPane } from '../inbox/inbox-pane.tsx'
import { Icon } from '../ui/icon.tsx'
import { ConnectionBanner } from './connection-banner.tsx'
import { findConversation } from './find-conversation.ts'
import { useSession } from './session-context.ts'
import { useConnectionState } from './use-connection-state.ts'
import { useConversationId } from './use-conversation-id.ts'
import { useOneSound } from './use-one-sound.ts'
import { usePlace } from './use-place.ts'
import { useUnreadTitle } from './use-unread-title.ts'

/** Inbox and open conversation side by side; on a phone one of the two. */
export function ChatScreen() {
  const { chat, presence } = useSession()
  const { place, go } = usePlace()
  const state = useConnectionState(chat)
  useUnreadTitle(chat)
  useOneSound()
  const name = place === undefined ? '' : JSON.stringify(place)
  const conversation = useMemo(() => findConversation(chat, place), [chat, name])
  const id = useConversationId(conversation)
  useEffect(() => {
    // From the first message on the address names the conversation instead of the person.
    if (id !== undefined && place !== undefined && 'peerId' in place) {
      history.replaceState(null, '', `#/c/${id}`)
    }
  }, [id, place])
  // Presence is told to those who share a conversation, and this may be the first.
  useEffect(() => presence.renew(), [presence, id])
  return (
    <div class="app">
      <ConnectionBanner state={state} />
      <div class="panes" data-open={conversation !== undefined}>
        <InboxPane openId={id} isLoading={chat.me === undefined} onOpen={go} />
        {conversation === undefined ? (
          <NothingOpen />
        ) : (
          <ConversationScreen key={name} conversation={conversation} onBack={() => go(undefined)} />
        )}
      </div>
    </div>
  )
}

function NothingOpen() {
  return (
    <main class="pane conversation-pane">
      <div class="empty">
        <span class="glyph">
          <Icon name="send" size={28} />
        </span>
        <h2>Choose a conversation</h2>
        <p>Pick one from the list, or start a new one.</p>
      </div>
    </main>
  )
}
