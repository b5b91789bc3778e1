import type { Conversation } from '@satchel/client'
import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import { useSession } from '../session/session-context.ts'
import { describeError } from '../words/describe-error.ts'

const PAGE = 50

export interface History {
  readonly isLoading: boolean
  /** The last page did not come. */
  readonly hasFailed: boolean
  /** Nothing has been loaded yet. */
  readonly isUnknown: boolean
  readonly loadOlder: () => void
  readonly loadBefore: (seq: number) => void
  /** Resolves when the message is loaded. */
  readonly loadAround: (seq: number) => Promise<void>
}

/** Pages of the past, one at a time; the newest by itself. */
export function useHistory(conversation: Conversation): History {
  const { chat, toasts } = useSession()
  const isBusy = useRef(false)
  const [isLoading, setLoading] = useState(false)
  const [hasFailed, setFailed] = useState(false)
  const isUnknown =
    conversation.id !== undefined && conversation.messages.length === 0 && conversation.hasOlder

  const load = useCallback(
    async (request: { readonly before?: number; readonly around?: number }) => {
      if (isBusy.current) return
      isBusy.current = true
      setLoading(true)
      try {
        await conversation.history({ ...request, limit: PAGE })
        setFailed(false)
      } catch (error) {
        setFailed(true)
        toasts.show(describeError(error))
      } finally {
        isBusy.current = false
        setLoading(false)
      }
    },
    [conversation, toasts],
  )
  const loadBefore = useCallback((seq: number) => void load({ before: seq }), [load])
  const loadOlder = useCallback(() => {
    const first = conversation.messages.find(({ seq }) => seq !== undefined)?.seq
    if (conversation.hasOlder && first !== undefined) loadBefore(first)
  }, [conversation, loadBefore])
  const loadAround = useCallback((seq: number) => load({ around: seq }), [load])

  useEffect(() => {
    if (isUnknown && !hasFailed) void load({})
  }, [isUnknown, hasFailed, load])
  // What failed for want of a connection is tried again with the next one.
  useEffect(() => chat.on('state', ({ status }) => status === 'live' && setFailed(false)), [chat])
  return { isLoading, hasFailed, isUnknown, loadOlder, loadBefore, loadAround }
}
