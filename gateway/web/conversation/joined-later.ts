import type { InboxEntry } from '@satchel/client'

/** Whether something was said before the user joined that newcomers are not shown. */
export function joinedLater(entry: InboxEntry | undefined): boolean {
  if (entry === undefined || entry.conversationKind !== 'group') return false
  return entry.joinedSeq > 1 && entry.settings?.historyForNewcomers !== true
}
