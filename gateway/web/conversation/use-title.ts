import type { Conversation } from '@satchel/client'
import { useRef } from 'preact/hooks'
import { useSession } from '../session/session-context.ts'
import { conversationTitle } from './conversation-title.ts'

/** A conversation's title; the last one known when the user is not in it any more. */
export function useTitle(conversation: Conversation): string {
  const { me, names } = useSession()
  const last = useRef<string | undefined>(undefined)
  const title = conversationTitle(conversation, names, me.id)
  if (conversation.entry !== undefined) last.current = title
  return last.current ?? title
}
