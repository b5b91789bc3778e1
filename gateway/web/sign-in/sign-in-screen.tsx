import { useState } from 'preact/hooks'
import type { Credentials } from './credentials.ts'
import { SignInField } from './sign-in-field.tsx'
import { useSignIn } from './use-sign-in.ts'

interface SignInScreenProps {
  /** Why the user is here again. */
  readonly notice: string | undefined
  readonly onSignIn: (credentials: Credentials, remember: boolean) => void
}

export function SignInScreen({ notice, onSignIn }: SignInScreenProps) {
  const [text, setText] = useState('')
  const [remember, setRemember] = useState(false)
  const { kind, setKind, problem, isBusy, signIn } = useSignIn(notice, (credentials) =>
    onSignIn(credentials, remember),
  )
  const entered = text.trim()
  return (
    <main class="sign-in">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (entered !== '' && !isBusy) signIn(entered)
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
        <button type="submit" class="button primary" disabled={entered === '' || isBusy}>
          {isBusy && <span class="spinner" />}
          Sign in
        </button>
        <button
          type="button"
          class="link-button"
          onClick={() => {
            setKind(kind === 'name' ? 'token' : 'name')
            setText('')
          }}
        >
          {kind === 'name' ? 'Use a token instead' : 'Use a name instead'}
        </button>
      </form>
    </main>
  )
}
