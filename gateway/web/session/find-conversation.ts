import { ChatError } from '@satchel/client'
import type { ChatClient, Conversation } from '@satchel/client'
import type { Place } from './place.ts'

/** The conversation of a place; `undefined` for none, and for an address somebody mistyped. */
export function findConversation(
  chat: ChatClient,
  place: Place | undefined,
): Conversation | undefined {
  if (place === undefined) return undefined
  try {
    return 'peerId' in place ? chat.direct(place.peerId) : chat.conversation(place.conversationId)
  } catch (error) {
    if (error instanceof ChatError) return undefined
    throw error
  }
}
