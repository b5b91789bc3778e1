const KEY = 'satchel.device'

/** Names this browser, the same at every visit. */
export function deviceId(): string {
  const known = localStorage.getItem(KEY)
  if (known !== null) return known
  const made = crypto.randomUUID()
  localStorage.setItem(KEY, made)
  return made
}
