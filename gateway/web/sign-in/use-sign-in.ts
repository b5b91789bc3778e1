import { ChatError } from '@satchel/client'
import { useState } from 'preact/hooks'
import type { Credentials } from './credentials.ts'
import { getToken } from './get-token.ts'

type Kind = Credentials['kind']

/** Tries what was entered before anybody is shown an empty inbox. */
export function useSignIn(
  notice: string | undefined,
  onSignedIn: (credentials: Credentials) => void,
): {
  readonly kind: Kind
  readonly setKind: (kind: Kind) => void
  readonly problem: string | undefined
  readonly isBusy: boolean
  readonly signIn: (entered: string) => void
} {
  const [kind, setKind] = useState<Kind>('name')
  const [problem, setProblem] = useState(notice)
  const [isBusy, setBusy] = useState(false)

  const refuse = (error: unknown): void => {
    setBusy(false)
    const code = error instanceof ChatError ? error.code : 'internal'
    if (code === 'forbidden') {
      setKind('token')
      setProblem('This server wants a token instead of a name.')
    } else if (code === 'bad_request') {
      setProblem('This name cannot be used. Try letters and digits.')
    } else {
      setProblem('The server could not be reached. Please try again in a moment.')
    }
  }
  const signIn = (entered: string): void => {
    const credentials: Credentials =
      kind === 'name' ? { kind, name: entered } : { kind, token: entered }
    setBusy(true)
    setProblem(undefined)
    getToken(credentials).then(() => onSignedIn(credentials), refuse)
  }
  const change = (changed: Kind): void => {
    setKind(changed)
    setProblem(undefined)
  }
  return { kind, setKind: change, problem, isBusy, signIn }
}
