import type { ChatClient } from '@satchel/client'
import type { UserId } from '@satchel/protocol'
import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { LocalPreviews } from '../attachment/local-previews.ts'
import type { PlaybackSpeed } from '../audio/playback-speed.ts'
import type { Names } from '../people/names.ts'
import type { PresenceWatch } from '../people/presence-watch.ts'
import type { Toasts } from '../ui/toasts.ts'
import type { Drafts } from './drafts.ts'

/** What everything on the screen of somebody who is signed in may need. */
export interface ChatSession {
  readonly chat: ChatClient
  readonly me: { readonly id: UserId; readonly name: string }
  readonly names: Names
  readonly presence: PresenceWatch
  readonly previews: LocalPreviews
  readonly drafts: Drafts
  readonly speed: PlaybackSpeed
  readonly toasts: Toasts
  readonly signOut: () => void
}

export const SessionContext = createContext<ChatSession | undefined>(undefined)

export function useSession(): ChatSession {
  const session = useContext(SessionContext)
  if (session === undefined) throw new Error('nobody is signed in here')
  return session
}
