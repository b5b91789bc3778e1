import { useEffect } from 'preact/hooks'
import { useConversation } from '../conversation/conversation-context.ts'
import { usePeopleSearch } from '../people/use-people-search.ts'
import { useSession } from '../session/session-context.ts'
import { useChange } from '../ui/use-change.ts'
import { listTargets } from './forward-target.ts'
import type { ForwardTarget } from './forward-target.ts'

/** With fewer than these, conversations that are not loaded yet are looked through as well. */
const ENOUGH = 12

/** Where the message can go, narrowed down by what is typed. */
export function useForwardTargets(): {
  readonly query: string
  readonly setQuery: (query: string) => void
  readonly targets: readonly ForwardTarget[]
  readonly isSearching: boolean
} {
  const { chat, me, names } = useSession()
  const { conversation } = useConversation()
  const { query, setQuery, people, isSearching } = usePeopleSearch()
  useChange(chat.inbox)
  useChange(names)
  const { conversations, hasMore } = chat.inbox
  const { id, peerId } = conversation
  const sources = { entries: conversations, people, query, from: { id, peerId } }
  const targets = listTargets(sources, names, me.id)
  const isShort = hasMore && targets.length < ENOUGH
  useEffect(() => {
    // What it fails for is tried again when somebody types on.
    if (isShort) chat.inbox.loadMore().catch(() => undefined)
  }, [chat, isShort, conversations.length, query])
  return { query, setQuery, targets, isSearching: isSearching || isShort }
}
