import type { Conversation } from '@satchel/client'
import { LIMITS } from '@satchel/protocol'
import { useCallback } from 'preact/hooks'
import { useSession } from '../session/session-context.ts'
import { count } from '../words/list-words.ts'

/** Puts files into the conversation's tray, as many as a message can have. */
export function useAttach(conversation: Conversation): (files: readonly File[]) => void {
  const { drafts, toasts } = useSession()
  return useCallback(
    (files) => {
      const left = drafts.trayOf(conversation).add(files)
      if (left > 0)
        toasts.show(`A message can have up to ${count(LIMITS.attachmentsPerMessage, 'file')}.`)
    },
    [conversation, drafts, toasts],
  )
}
