import { ChatError } from '@satchel/client'
import { useState } from 'preact/hooks'
import type { Credentials } from './credentials.ts'
import { getToken } from './get-token.ts'
import { SignInField } from './sign-in-field.tsx'

interface SignInScreenProps {
  /** Why the user is here again. */
  readonly notice: string | undefined
  readonly onSignIn: (credentials: Credentials, remember: boolean) => void
}

export function SignInScreen({ notice, onSignIn }: SignInScreenProps) {
  const [kind, setKind] = useState<Credentials['kind']>('name')
  const [text, setText] = useState('')
  const [remember, setRemember] = useState(false)
  const [isBusy, setBusy] = useState(false)
  const [problem, setProblem] = useState(notice)

  const change = (changed: Credentials['kind'], why: string | undefined): void => {
    setKind(changed)
    setText('')
    setProblem(why)
  }
  const submit = async (): Promise<void> => {
    const entered = text.trim()
    if (entered === '' || isBusy) return
    const credentials: Credentials =
      kind === 'name' ? { kind, name: entered } : { kind, token: entered }
    setBusy(true)
    setProblem(undefined)
    try {
      await getToken(credentials)
      onSignIn(credentials, remember)
    } catch (error) {
      const code = error instanceof ChatError ? error.code : undefined
      if (code === 'forbidden') change('token', 'This server wants a token instead of a name.')
      else if (code === 'bad_request')
        setProblem('This name cannot be used. Try letters and digits.')
      else setProblem('The server could not be reached. Please try again in a moment.')
      setBusy(false)
    }
  }
  return (
    <main class="sign-in">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void submit()
        }}
      >
        <div class="brand">
          <img src="/favicon.svg" alt="" />
          <h1>Welcome to Satchel</h1>
          <p>Messages and photos, together.</p>
        </div>
        {problem !== undefined && (
          <p class="problem" role="alert">
            {problem}
          </p>
        )}
        <SignInField key={kind} kind={kind} text={text} onChange={setText} />
        <label class="check">
          <input
            type="checkbox"
            checked={remember}
            onChange={(event) => setRemember(event.currentTarget.checked)}
          />
          Stay signed in on this device
        </label>
        <button type="submit" class="button primary" disabled={text.trim() === '' || isBusy}>
          {isBusy && <span class="spinner" />}
          Sign in
        </button>
        <button
          type="button"
          class="link-button"
          onClick={() => change(kind === 'name' ? 'token' : 'name', undefined)}
        >
          {kind === 'name' ? 'Use a token instead' : 'Use a name instead'}
        </button>
      </form>
    </main>
  )
}
