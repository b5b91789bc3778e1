/** Who is signed in: by name, where the server allows that, or with a token from elsewhere. */
export type Credentials =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'token'; readonly token: string }

const KEY = 'satchel.credentials'

/** Of this tab, or else of this browser. */
export function readCredentials(): Credentials | undefined {
  const text = sessionStorage.getItem(KEY) ?? localStorage.getItem(KEY)
  return text === null ? undefined : parseCredentials(text)
}

/** `remember`: in every tab and after the browser was closed; otherwise in this tab only. */
export function keepCredentials(credentials: Credentials, remember: boolean): void {
  forgetCredentials()
  const storage = remember ? localStorage : sessionStorage
  storage.setItem(KEY, JSON.stringify(credentials))
}

export function forgetCredentials(): void {
  sessionStorage.removeItem(KEY)
  localStorage.removeItem(KEY)
}

function parseCredentials(text: string): Credentials | undefined {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null) return undefined
    if ('name' in value && typeof value.name === 'string') return { kind: 'name', name: value.name }
    if ('token' in value && typeof value.token === 'string')
      return { kind: 'token', token: value.token }
    return undefined
  } catch {
    return undefined
  }
}
