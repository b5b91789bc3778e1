import type { ConversationDetails } from '@satchel/protocol'

/** Whether links to media of the conversation hold for minutes only, and are given to nobody unasked. */
export function hasStrictLinks({ settings }: ConversationDetails): boolean {
  return settings?.strictLinks === true
}
