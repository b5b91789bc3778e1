import { usePresence } from '../people/use-presence.ts'
import { useSession } from '../session/session-context.ts'
import { Avatar } from '../ui/avatar.tsx'
import { conversationTitle } from './conversation-title.ts'
import { useConversation } from './conversation-context.ts'

/** Above the first message there will ever be. */
export function Beginning() {
  const { conversation } = useConversation()
  const { me, names } = useSession()
  const presence = usePresence(conversation.peerId === undefined ? [] : [conversation.peerId])
  const title = conversationTitle(conversation, names, me.id)
  const isDirect = conversation.kind === 'direct'
  return (
    <div class="beginning">
      <Avatar
        id={conversation.peerId ?? conversation.id ?? title}
        name={title}
        size="large"
        group={!isDirect}
        online={presence.isOnline(conversation.peerId)}
      />
      <h3>{title}</h3>
      <p>
        {isDirect
          ? `This is the beginning of your conversation with ${title}.`
          : `This is the beginning of ${title}.`}
      </p>
    </div>
  )
}
