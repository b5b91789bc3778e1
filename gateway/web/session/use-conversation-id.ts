import type { Conversation } from '@satchel/client'
import { useLayoutEffect, useState } from 'preact/hooks'

/** A conversation's id; a person's conversation gets one with its first message. */
export function useConversationId(conversation: Conversation | undefined): string | undefined {
  const [id, setId] = useState<string | undefined>(conversation?.id)
  useLayoutEffect(() => {
    setId(conversation?.id)
    return conversation?.on('change', () => setId(conversation.id))
  }, [conversation])
  return id
}
