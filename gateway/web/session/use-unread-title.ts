import type { ChatClient } from '@satchel/client'
import { useEffect } from 'preact/hooks'

/** Keeps the number of unread messages in the window's title. */
export function useUnreadTitle({ inbox }: ChatClient): void {
  useEffect(() => {
    const show = (): void => {
      document.title = inbox.unread === 0 ? 'Satchel' : `(${String(inbox.unread)}) Satchel`
    }
    show()
    const stop = inbox.on('change', show)
    return () => {
      stop()
      document.title = 'Satchel'
    }
  }, [inbox])
}
