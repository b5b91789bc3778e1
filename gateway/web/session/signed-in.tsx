import { useEffect, useState } from 'preact/hooks'
import type { Credentials } from '../sign-in/credentials.ts'
import { ToastList } from '../ui/toast-list.tsx'
import { ChatScreen } from './chat-screen.tsx'
import { openSession } from './open-session.ts'
import type { OpenSession } from './open-session.ts'
import { SessionContext } from './session-context.ts'
import type { ChatSession } from './session-context.ts'
import { StartingScreen } from './starting-screen.tsx'

interface SignedInProps {
  readonly credentials: Credentials
  /** With why, when it was not the user's wish. */
  readonly onSignOut: (why?: string) => void
}

/** Everything there is for somebody who is signed in; lives as long as that. */
export function SignedIn({ credentials, onSignOut }: SignedInProps) {
  const [session, setSession] = useState<ChatSession | undefined>()
  const [open, setOpen] = useState<OpenSession | undefined>()
  useEffect(() => {
    const opened = openSession(credentials, { onReady: setSession, onRefused: onSignOut })
    setOpen(opened)
    return () => opened.close()
  }, [credentials, onSignOut])
  if (session === undefined) {
    return <StartingScreen chat={open?.chat} onSignOut={() => onSignOut()} />
  }
  return (
    <SessionContext.Provider value={session}>
      <ChatScreen />
      <ToastList toasts={session.toasts} />
    </SessionContext.Provider>
  )
}
