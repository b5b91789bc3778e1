import type { User } from '@satchel/protocol'
import { useEffect, useState } from 'preact/hooks'
import { useSession } from '../session/session-context.ts'
import { describeError } from '../words/describe-error.ts'

const PAUSE_MS = 150
const SHOWN = 30

/** People whose name starts with what is typed; without the user. */
export function usePeopleSearch(): {
  readonly query: string
  readonly setQuery: (query: string) => void
  readonly people: readonly User[]
  readonly isSearching: boolean
} {
  const { chat, me, names, toasts } = useSession()
  const [query, setQuery] = useState('')
  const [people, setPeople] = useState<readonly User[]>([])
  const [isSearching, setSearching] = useState(true)
  useEffect(() => {
    let isCurrent = true
    const search = async (): Promise<void> => {
      setSearching(true)
      try {
        const found = await chat.people(query.trim(), SHOWN)
        if (!isCurrent) return
        names.learn(found)
        setPeople(found.filter(({ id }) => id !== me.id))
      } catch (error) {
        if (isCurrent) toasts.show(describeError(error))
      } finally {
        if (isCurrent) setSearching(false)
      }
    }
    // Not for every letter of a name.
    const timer = setTimeout(() => void search(), query === '' ? 0 : PAUSE_MS)
    return () => {
      isCurrent = false
      clearTimeout(timer)
    }
  }, [query, chat, me.id, names, toasts])
  return { query, setQuery, people, isSearching }
}
