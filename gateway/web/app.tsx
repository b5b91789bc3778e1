import { useCallback, useState } from 'preact/hooks'
import { SignedIn } from './session/signed-in.tsx'
import { forgetCredentials, keepCredentials, readCredentials } from './sign-in/credentials.ts'
import type { Credentials } from './sign-in/credentials.ts'
import { SignInScreen } from './sign-in/sign-in-screen.tsx'

/** Sign-in, or what comes after it. */
export function App() {
  const [credentials, setCredentials] = useState(readCredentials)
  const [notice, setNotice] = useState<string | undefined>()
  const signIn = (entered: Credentials, remember: boolean): void => {
    keepCredentials(entered, remember)
    setCredentials(entered)
  }
  const signOut = useCallback((why?: string) => {
    forgetCredentials()
    setNotice(why)
    setCredentials(undefined)
  }, [])
  if (credentials === undefined) return <SignInScreen notice={notice} onSignIn={signIn} />
  return <SignedIn credentials={credentials} onSignOut={signOut} />
}
