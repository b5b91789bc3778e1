/** Why an image was not decoded, from what its decoder threw. Rethrows what is no fault of the file. */
export function faultOf(error: unknown): string {
  if (isOfMachine(error)) throw error
  const message = error instanceof Error ? error.message : ''
  if (/pixel limit/i.test(message)) return 'too_many_pixels'
  if (/timeout/i.test(message)) return 'took_too_long'
  return 'unreadable'
}

/** Out of room for what is made: no fault of the file. */
function isOfMachine(error: unknown): boolean {
  return (
    error instanceof Error && /ENOSPC|EDQUOT|no space left|unable to write/i.test(error.message)
  )
}
