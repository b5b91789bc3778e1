/** Arrow keys, Home and End move from message to message; tells whether the key was one of these. */
export function moveMessageFocus(column: HTMLElement | null, key: string): boolean {
  const messages = [...(column?.querySelectorAll<HTMLElement>('.message') ?? [])]
  const focused = document.activeElement
  const at = messages.findIndex((message) => message === focused)
  // Inside a message the keys belong to its buttons.
  if (at < 0 && focused !== null && focused.closest('.message') !== null) return false
  const next = targetOf(key, at, messages.length)
  if (next === undefined) return false
  messages[next]?.focus()
  return true
}

function targetOf(key: string, at: number, count: number): number | undefined {
  switch (key) {
    case 'ArrowUp':
      return at < 0 ? count - 1 : Math.max(at - 1, 0)
    case 'ArrowDown':
      return at < 0 ? undefined : Math.min(at + 1, count - 1)
    case 'Home':
      return at < 0 ? undefined : 0
    case 'End':
      return at < 0 ? undefined : count - 1
    default:
      return undefined
  }
}
