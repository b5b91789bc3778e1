import type { Conversation } from '@satchel/client'
import type { Names } from '../people/names.ts'

type Titled = Pick<Conversation, 'kind' | 'title' | 'peerId'>

/** What a conversation is called: its title, or the other person. */
export function conversationTitle(
  { kind, title, peerId }: Titled,
  names: Names,
  myId: string,
): string {
  if (title !== undefined && title !== '') return title
  if (kind === 'direct') return names.nameOf(peerId ?? myId)
  return kind === 'channel' ? 'Channel' : 'Group'
}
