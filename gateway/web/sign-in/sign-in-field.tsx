import { useEffect, useRef } from 'preact/hooks'
import type { Credentials } from './credentials.ts'

interface SignInFieldProps {
  readonly kind: Credentials['kind']
  readonly text: string
  readonly onChange: (text: string) => void
}

const NAME_MAX = 64

export function SignInField({ kind, text, onChange }: SignInFieldProps) {
  const field = useRef<HTMLInputElement & HTMLTextAreaElement>(null)
  useEffect(() => field.current?.focus(), [])
  if (kind === 'token') {
    return (
      <div class="field">
        <label for="sign-in-text">Your token</label>
        <textarea
          ref={field}
          id="sign-in-text"
          class="input"
          spellcheck={false}
          value={text}
          onInput={(event) => onChange(event.currentTarget.value)}
        />
      </div>
    )
  }
  return (
    <div class="field">
      <label for="sign-in-text">Your name</label>
      <input
        ref={field}
        id="sign-in-text"
        class="input"
        autocomplete="username"
        autocapitalize="none"
        spellcheck={false}
        maxLength={NAME_MAX}
        placeholder="alice"
        value={text}
        onInput={(event) => onChange(event.currentTarget.value)}
      />
    </div>
  )
}
