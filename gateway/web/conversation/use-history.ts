import { ChatError } from '@satchel/client'
import type { Conversation, HistoryRequest } from '@satchel/client'
import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import { useSession } from '../session/session-context.ts'
import { describeError } from '../words/describe-error.ts'
import type { Gap } from './arrange-messages.ts'

const PAGE = 50
/** With more unread than this the newest page does not reach back to where reading stopped. */
const UNREAD_IN_PAGE = 40

/** Why a page did not come. */
export interface LoadFailure {
  readonly words: string
  /** Asking again brings the same answer. */
  readonly isFinal: boolean
}

export interface History {
  readonly isLoading: boolean
  readonly failure: LoadFailure | undefined
  /** Nothing has been loaded yet. */
  readonly isUnknown: boolean
  readonly retry: () => void
  readonly loadOlder: () => void
  /** Loads a page at one end of a gap. */
  readonly loadGap: (gap: Gap, from: 'start' | 'end') => void
  /** Resolves when the message is loaded. */
  readonly loadAround: (seq: number) => Promise<void>
}

/** Pages of the past, one at a time; the newest, and where reading stopped, by itself. */
export function useHistory(conversation: Conversation): History {
  const { chat } = useSession()
  const { load, isLoading, failure, setFailure } = usePages(conversation)
  const [isOpened, setOpened] = useState(false)
  const isEmpty = isUnloaded(conversation)

  useEffect(() => {
    // Pages come one by one: shown before the last, the newest would be read instead of what is new.
    if (failure !== undefined || isLoading || (isOpened && !isEmpty)) return
    const requests = openingRequests(conversation)
    if (requests.length === 0) setOpened(true)
    else void load(...requests).then((isLoaded) => isLoaded && setOpened(true))
  }, [conversation, isEmpty, isLoading, isOpened, failure, load])
  // What failed for want of a connection is tried again with the next one.
  const retry = useCallback(() => setFailure(undefined), [setFailure])
  useEffect(() => chat.on('state', ({ status }) => status === 'live' && retry()), [chat, retry])

  const loadOlder = useCallback(() => {
    const first = conversation.messages.find(({ seq }) => seq !== undefined)?.seq
    if (isOpened && conversation.hasOlder && first !== undefined) void load({ before: first })
  }, [conversation, isOpened, load])
  const loadGap = useCallback(
    ({ afterSeq, beforeSeq }: Gap, from: 'start' | 'end') =>
      void load(from === 'start' ? { after: afterSeq } : { before: beforeSeq }),
    [load],
  )
  const loadAround = useCallback(
    async (seq: number) => {
      await load({ around: seq })
    },
    [load],
  )
  const isUnknown = isEmpty || !isOpened
  return { isLoading, failure, isUnknown, retry, loadOlder, loadGap, loadAround }
}

/** There is something, and none of it is here. */
function isUnloaded({ id, messages, hasOlder }: Conversation): boolean {
  return id !== undefined && messages.length === 0 && hasOlder
}

/** What has to be there before anything is shown. */
function openingRequests(conversation: Conversation): readonly HistoryRequest[] {
  const { entry, messages, id } = conversation
  // Of a person: whether there is a conversation is found out by asking for its history.
  if (id === undefined) return [{}]
  const newest = isUnloaded(conversation) ? [{}] : []
  const read = entry?.read.seq ?? 0
  const isFarBehind = read > 0 && (entry?.unread ?? 0) > UNREAD_IN_PAGE
  const isThere = messages.some(({ seq = Number.MAX_SAFE_INTEGER }) => seq <= read)
  return isFarBehind && !isThere ? [{ around: read }, ...newest] : newest
}

/**
 * Loads pages one after the other; what is asked for meanwhile is left out, and asked for again by who needs it.
 * `load` tells whether they are there.
 */
function usePages(conversation: Conversation) {
  const { toasts } = useSession()
  const isBusy = useRef(false)
  const [isLoading, setLoading] = useState(false)
  const [failure, setFailure] = useState<LoadFailure | undefined>()
  const load = useCallback(
    async (...requests: readonly HistoryRequest[]): Promise<boolean> => {
      if (isBusy.current) return false
      isBusy.current = true
      setLoading(true)
      try {
        await Promise.all(
          requests.map((request) => conversation.history({ ...request, limit: PAGE })),
        )
        setFailure(undefined)
        return true
      } catch (error) {
        const words = describeError(error)
        setFailure({ words, isFinal: error instanceof ChatError && !error.retryable })
        if (conversation.messages.length > 0) toasts.show(words)
        return false
      } finally {
        isBusy.current = false
        setLoading(false)
      }
    },
    [conversation, toasts],
  )
  return { load, isLoading, failure, setFailure }
}
