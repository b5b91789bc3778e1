import type { ConversationDetails } from '@satchel/protocol'
import type { HeadRow } from './conversation-state.ts'

/** Whether newcomers see what was said before they joined. Channels are read from their beginning. */
export function opensHistory({ kind }: HeadRow, { settings }: ConversationDetails): boolean {
  return kind === 'channel' || settings?.historyForNewcomers === true
}
