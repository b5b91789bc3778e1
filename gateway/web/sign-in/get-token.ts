import { ChatError } from '@satchel/client'
import type { Credentials } from './credentials.ts'

/**
 * A token for these credentials. Rejects with `forbidden` where signing in by name is switched off, and
 * with `unavailable` when the server cannot be reached.
 */
export async function getToken(credentials: Credentials): Promise<string> {
  return credentials.kind === 'token' ? credentials.token : await signInByName(credentials.name)
}

async function signInByName(name: string): Promise<string> {
  let response: Response
  try {
    response = await fetch('/dev/sign-in', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name }),
    })
  } catch (error) {
    throw new ChatError('unavailable', 'the server cannot be reached', { cause: error })
  }
  if (response.ok) return readToken(await response.json())
  if (response.status >= 500 || response.status === 429) {
    throw new ChatError('unavailable', `signing in was answered ${String(response.status)}`)
  }
  if (response.status === 400) throw new ChatError('bad_request', 'the name cannot be used')
  throw new ChatError('forbidden', 'signing in by name is switched off')
}

function readToken(answer: unknown): string {
  if (typeof answer === 'object' && answer !== null && 'token' in answer) {
    const { token } = answer
    if (typeof token === 'string') return token
  }
  throw new ChatError('internal', 'the answer carries no token')
}
