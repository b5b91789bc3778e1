import { useEffect, useRef } from 'preact/hooks'
import type { PresenceWatch } from './presence-watch.ts'
import { useSession } from '../session/session-context.ts'
import { useChange } from '../ui/use-change.ts'

/** Watches these people while the component is there, and renders again when one comes or goes. */
export function usePresence(userIds: readonly string[]): PresenceWatch {
  const { presence } = useSession()
  const who = useRef({})
  const wanted = userIds.join('\n')
  useEffect(
    () => presence.want(who.current, wanted === '' ? [] : wanted.split('\n')),
    [presence, wanted],
  )
  useChange(presence)
  return presence
}
