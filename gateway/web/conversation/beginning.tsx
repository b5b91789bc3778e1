import { usePresence } from '../people/use-presence.ts'
import { Avatar } from '../ui/avatar.tsx'
import { joinedLater } from './joined-later.ts'
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
      <p>{describeBeginning(title, isDirect, joinedLater(conversation.entry))}</p>
    </div>
  )
}

function describeBeginning(title: string, isDirect: boolean, isOfNewcomer: boolean): string {
  if (isDirect) return `This is the beginning of your conversation with ${title}.`
  if (isOfNewcomer) return 'What was said before you joined is not shown.'
  return `This is the beginning of ${title}.`
}
