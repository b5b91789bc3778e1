import type { Conversation, Message, MessageAttachment } from '@satchel/client'
import { createContext } from 'preact'
import { useContext } from 'preact/hooks'

/** What can be done to what a conversation shows. Stays the same object while the conversation is open. */
export interface ConversationActions {
  readonly reply: (message: Message) => void
  readonly edit: (message: Message) => void
  readonly forward: (message: Message) => void
  readonly remove: (message: Message) => void
  readonly react: (message: Message, emoji: string) => void
  readonly pin: (seq: number) => void
  readonly unpin: (seq: number) => void
  readonly resend: (message: Message) => void
  readonly discard: (message: Message) => void
  readonly jumpTo: (seq: number) => void
  readonly view: (attachment: MessageAttachment) => void
  readonly download: (attachment: MessageAttachment) => void
}

export interface OpenConversation {
  readonly conversation: Conversation
  readonly title: string
  readonly actions: ConversationActions
}

export const ConversationContext = createContext<OpenConversation | undefined>(undefined)

export function useConversation(): OpenConversation {
  const open = useContext(ConversationContext)
  if (open === undefined) throw new Error('no conversation is open here')
  return open
}
