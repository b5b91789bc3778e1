import { usePresence } from '../people/use-presence.ts'
import { Avatar } from '../ui/avatar.tsx'
import { useConversation } from './conversation-context.ts'

/** Above the first message there will ever be. */
export function Beginning() {
  const { conversation, title } = useConversation()
  const presence = usePresence(conversation.peerId === undefined ? [] : [conversation.peerId])
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
